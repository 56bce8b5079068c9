import Wire

/// Stations side by side, and below them what passes between them, from top to bottom: the one form of every drawing in
/// SVG. Letters have one width, so that what fits is known without a browser.
struct Ladder {
  struct Head {
    var title: String
    var captions: [String]
    /// All of it, where the captions are shortened.
    var whole: String
  }

  struct Rung {
    var from: Int
    var to: Int
    var label: String
    var style: Style
  }

  enum Style: String { case seen, unseen, fault }

  var heads: [Head]
  var rungs: [Rung]

  /// All of it in words, for who does not see it.
  var description: String {
    let name = { (lane: Int) in heads.indices.contains(lane) ? heads[lane].title : "" }
    return rungs.map { "\(name($0.from)) to \(name($0.to)): \($0.label)" }.joined(separator: "; ")
  }

  private static let pitch = 136
  private static let boxWidth = 128
  /// The width of a letter in a label, rounded up; and of one in a caption.
  private static let letter = 7.4
  private static let smallLetter = 6.7
  private static let captionLetters = 17
  /// Of scripts whose letters are wider.
  private static let wideCaptionLetters = 9
  private static let rungHeight = 38
  private static let lineHeight = 15

  /// From one lane to the next: more than usual where a label needs it.
  private var pitch: Int {
    let longest = rungs.map(\.label.count).max() ?? 0
    let needed = Int(Double(longest) * Self.letter) + 40
    return max(Self.pitch, needed / max(1, heads.count) + 1)
  }

  private func center(_ lane: Int) -> Int { lane * pitch + pitch / 2 }

  var width: Int { heads.count * pitch }

  private var boxHeight: Int { 26 + (heads.map(\.captions.count).max() ?? 0) * Self.lineHeight }

  private var firstRung: Int { 2 + boxHeight + 40 }

  var height: Int { firstRung + rungs.count * Self.rungHeight - 10 }

  /// The drawing, its upper left corner at the origin.
  var markup: Markup {
    Markup("g", ["class": "ladder"]) {
      for lane in heads.indices {
        line(center(lane), 2 + boxHeight, center(lane), height, "lifeline")
      }
      for (lane, head) in heads.enumerated() { box(head, at: center(lane)) }
      for (index, rung) in rungs.enumerated() { drawn(rung, at: firstRung + index * Self.rungHeight) }
    }
  }

  private func box(_ head: Head, at x: Int) -> Markup {
    Markup("g") {
      Markup("title") { head.whole }
      Markup(
        "rect",
        [
          "class": "station", "x": "\(x - Self.boxWidth / 2)", "y": "2", "width": "\(Self.boxWidth)",
          "height": "\(boxHeight)", "rx": "6",
        ])
      text(head.title, x, 20, "role")
      for (index, caption) in head.captions.enumerated() {
        let isNarrow = caption.unicodeScalars.allSatisfy { $0.value < 0x500 }
        let room = isNarrow ? Self.captionLetters : Self.wideCaptionLetters
        text(shortened(caption, to: room), x, 36 + index * Self.lineHeight, "caption")
      }
    }
  }

  private func drawn(_ rung: Rung, at y: Int) -> Markup {
    let (from, to) = (center(rung.from), center(rung.to))
    let half = Int(Double(rung.label.count) * Self.letter / 2) + 2
    let middle = min(max((from + to) / 2, half), width - half)
    return Markup("g", ["class": rung.style.rawValue]) {
      if from == to {
        Markup("path", ["class": "way", "d": "M\(from) \(y - 5)h24v10h-18"])
        head(at: from + 2, y + 5, pointingRight: false)
      } else {
        let right = to > from
        line(from, y, right ? to - 8 : to + 8, y, "way")
        head(at: right ? to - 1 : to + 1, y, pointingRight: right)
        if rung.style == .fault { cross(at: (from + to) / 2, y) }
      }
      text(rung.label, middle, y - 13, "label")
    }
  }

  private func head(at x: Int, _ y: Int, pointingRight: Bool) -> Markup {
    let back = pointingRight ? x - 9 : x + 9
    return Markup("path", ["class": "head", "d": "M\(x) \(y)L\(back) \(y - 5)V\(y + 5)z"])
  }

  private func cross(at x: Int, _ y: Int) -> Markup {
    Markup("path", ["class": "cross", "d": "M\(x - 6) \(y - 6)l12 12m0 -12l-12 12"])
  }

  private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ style: String) -> Markup {
    Markup("line", ["class": style, "x1": "\(x1)", "y1": "\(y1)", "x2": "\(x2)", "y2": "\(y2)"])
  }

  private func text(_ content: String, _ x: Int, _ y: Int, _ style: String) -> Markup {
    Markup("text", ["class": style, "x": "\(x)", "y": "\(y)"]) { content }
  }
}

/// A text without its middle, where it is longer than that.
func shortened(_ text: String, to length: Int) -> String {
  guard text.count > length, length > 2 else { return text }
  let head = (length - 1) / 2
  return "\(text.prefix(head))…\(text.suffix(length - 1 - head))"
}
