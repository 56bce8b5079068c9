import Checks

/// A drawing of the path for a terminal.
struct TextDrawing {
  /// The lines of all drawings, without margin; empty where there is none.
  static func lines(of drawings: [PathDrawing], ascii: Bool = false) -> [Line] {
    drawings.enumerated().flatMap { index, drawing in
      (index == 0 ? [] : [Line("")]) + TextDrawing(drawing: drawing, signs: ascii ? .ascii : .unicode).lines
    }
  }

  struct Line: Equatable {
    var text: String
    var style: TerminalText.Style

    init(_ text: String, _ style: TerminalText.Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  /// What lines are made of.
  private struct Signs {
    var lifeline: Character
    var (fromLeft, fromRight): (Character, Character)
    var seen: Stroke
    var unseen: Stroke
    var fault: Stroke
    /// Stands at both sides of a fault's label.
    var cross: String

    struct Stroke {
      var line: Character
      var (left, right): (Character, Character)
    }

    static let unicode = Signs(
      lifeline: "│", fromLeft: "├", fromRight: "┤", seen: Stroke(line: "─", left: "◄", right: "►"),
      unseen: Stroke(line: "╌", left: "◅", right: "▻"), fault: Stroke(line: "━", left: "◄", right: "►"), cross: "✗")
    static let ascii = Signs(
      lifeline: "|", fromLeft: "|", fromRight: "|", seen: Stroke(line: "-", left: "<", right: ">"),
      unseen: Stroke(line: ".", left: "<", right: ">"), fault: Stroke(line: "#", left: "<", right: ">"), cross: "X")
  }

  private let drawing: PathDrawing
  private let signs: Signs
  private var lanes: [PathDrawing.Lane] { drawing.lanes }

  /// Half a MAC: how far a lane's heading reaches to each side of it.
  private static let reach = 9

  private var lines: [Line] {
    let listed = drawing.listed.map { Line($0) }
    guard !drawing.crossing.isEmpty else { return listed }
    let height = lanes.map(\.captions.count).max() ?? 0
    let captions = (0..<height).map { row in
      Line(heading { $0.captions.indices.contains(row) ? $0.captions[row] : "" })
    }
    return [Line(heading(\.title), .bold)] + captions + [Line(empty)] + drawing.crossing.map(drawn)
      + [Line(empty)] + listed + (drawing.remark.map { [Line($0, .dim)] } ?? [])
  }

  /// From one lane to the next.
  private var pitch: Int { lanes.count == 2 ? 40 : min(32, 80 / (lanes.count - 1)) }

  private func column(_ lane: Int) -> Int { Self.reach + lane * pitch }

  private var blank: [Character] { Array(repeating: " ", count: column(lanes.count - 1) + Self.reach) }

  private func heading(_ text: (PathDrawing.Lane) -> String) -> String {
    var row = blank
    for (index, lane) in lanes.enumerated() {
      let title = text(lane)
      row.place(title, at: column(index) - title.count / 2)
    }
    return row.trimmed
  }

  private var lifelines: [Character] {
    var row = blank
    for lane in lanes.indices { row[column(lane)] = signs.lifeline }
    return row
  }

  private var empty: String { lifelines.trimmed }

  private func drawn(_ arrow: PathDrawing.Arrow) -> Line {
    var row = lifelines
    let seen = arrow.flows != nil
    let stroke = arrow.fault != nil ? signs.fault : seen ? signs.seen : signs.unseen
    let (left, right) = (column(min(arrow.from, arrow.to)), column(max(arrow.from, arrow.to)))
    for place in left + 1..<right { row[place] = stroke.line }
    if arrow.from < arrow.to {
      if seen { row[left] = signs.fromLeft }
      row[right - 1] = stroke.right
    } else {
      if seen { row[right] = signs.fromRight }
      row[left + 1] = stroke.left
    }
    let room = right - left - 5
    let labels = drawing.labels(of: arrow).map { label in
      arrow.fault == nil ? label : label.isEmpty ? signs.cross : "\(signs.cross) \(label) \(signs.cross)"
    }
    if let label = labels.first(where: { $0.count + 2 <= room }), !label.isEmpty {
      row.place(" \(label) ", at: (left + right - label.count) / 2)
    }
    return Line(row.trimmed, arrow.fault != nil ? .red : seen ? .plain : .dim)
  }
}

extension [Character] {
  fileprivate mutating func place(_ text: String, at start: Int) {
    for (offset, character) in text.enumerated() where indices.contains(start + offset) {
      self[start + offset] = character
    }
  }

  fileprivate var trimmed: String {
    String(self[..<(lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)])
  }
}
