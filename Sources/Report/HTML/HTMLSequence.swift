import Checks

/// The frames of a flow as a table: number, time and words in columns of their own, and beside them the lifelines, as wide
/// as the page lets them be. Each row draws its piece of them, so the table breaks between pages wherever it has to.
extension SequenceDiagram {
  var table: Markup {
    let rows = rows
    let isDrawn = rows.contains { $0.arrow != nil }
    return Markup("table", ["class": "sequence"]) {
      Markup("caption") { capture }
      Markup("thead") {
        Markup("tr") {
          for title in ["Frame", "Seconds", "What it says"] { Markup("th", ["scope": "col"]) { title } }
          if isDrawn { heads } else { Markup("th", ["scope": "col"]) { "From → to" } }
        }
      }
      Markup("tbody") {
        for row in rows {
          Markup("tr", ["class": row.isAtFault ? "fault" : nil]) {
            Markup("td", ["class": "number"]) { "\(row.number)" }
            Markup("td", ["class": "number"]) { row.time }
            Markup("td", ["class": "what"]) { row.words }
            if let arrow = row.arrow {
              Markup("td", ["class": "lanes"]) { drawn(from: arrow.from, to: arrow.to, isAtFault: row.isAtFault) }
            } else {
              Markup("td", ["class": "ends"]) { row.ends }
            }
          }
        }
      }
    }
  }

  private var heads: Markup {
    Markup("th", ["scope": "col", "class": "heads"]) {
      Markup("div") {
        for lane in lanes {
          Markup("span") {
            Markup("b") { lane.title }
            for caption in lane.captions { Markup("span") { caption } }
          }
        }
      }
    }
  }

  /// Where a lane stands, in percent of the width.
  private func place(_ lane: Int) -> String {
    place(between: lane, and: lane)
  }

  private func place(between a: Int, and b: Int) -> String {
    let tenths = (a + b + 1) * 500 / lanes.count
    return "\(tenths / 10).\(tenths % 10)%"
  }

  private func drawn(from: Int, to: Int, isAtFault: Bool) -> Markup {
    let words = "\(lanes[from].title) to \(lanes[to].title)\(isAtFault ? ", at fault" : "")"
    return Markup("svg", ["role": "img", "aria-label": words]) {
      for lane in lanes.indices {
        Markup("line", ["class": "lifeline", "x1": place(lane), "x2": place(lane), "y2": "100%"])
      }
      if from == to {
        at(place(from)) { Markup("path", ["class": "way", "d": "M0 -5h24v10h-18"]) }
      } else {
        Markup("line", ["class": "way", "x1": place(from), "x2": place(to), "y1": "50%", "y2": "50%"])
      }
      at(place(to)) {
        Markup(
          "path", ["class": "head", "d": from < to ? "M0 0L-12 -6V6z" : from > to ? "M0 0L12 -6V6z" : "M2 5L11 0V10z"])
      }
      if isAtFault, from != to {
        at(place(between: from, and: to)) { Markup("path", ["class": "cross", "d": "M-6 -6l12 12m0 -12l-12 12"]) }
      }
    }
  }

  /// The coordinates within begin at a place on the middle line.
  private func at(_ place: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
    Markup("svg", ["x": place, "y": "50%", "overflow": "visible"], content)
  }
}
