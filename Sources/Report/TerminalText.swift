/// Text for a terminal, built line by line. What is written to it can neither colour nor steer the terminal: only the
/// page's own styles can.
struct TerminalText {
  enum Style: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "1;31"
    case green = "1;32"
    case yellow = "1;33"
  }

  static let width = 100

  private(set) var text = ""
  private let color: Bool
  /// Signs beyond ASCII are spelled.
  let ascii: Bool

  init(color: Bool, ascii: Bool = false) {
    self.color = color
    self.ascii = ascii
  }

  mutating func line() { text += "\n" }

  mutating func line(_ content: String, _ style: Style = .plain) {
    put(spelled(content), style)
    text += "\n"
  }

  /// A label and a text that wraps beside it, or below a label that is too long: every line of the text begins at
  /// column `indent`.
  mutating func entry(_ label: String, _ content: String, indent: Int, style: Style = .plain, from margin: Int = 0) {
    text += String(repeating: " ", count: margin)
    put(label, style)
    var column = margin + label.count
    if column >= indent {
      text += "\n"
      column = 0
    }
    for line in wrap(spelled(content), to: Self.width - indent) {
      text += String(repeating: " ", count: indent - column)
      put(line)
      text += "\n"
      column = 0
    }
  }

  /// A text that wraps within the page.
  mutating func paragraph(_ content: String, indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    for line in wrap(spelled(content), to: Self.width - indent) {
      text += margin
      put(line)
      text += "\n"
    }
  }

  /// The signs that the report's own words have.
  private func spelled(_ content: String) -> String {
    ascii ? content.replacing("→", with: "->").replacing("×", with: "x").replacing("…", with: "...") : content
  }

  private mutating func put(_ content: String, _ style: Style = .plain) {
    let safe = content.withoutControls
    text += color && style != .plain ? "\u{1b}[\(style.rawValue)m\(safe)\u{1b}[0m" : safe
  }
}

/// The words of a text in lines of at most `width` characters; a longer word has a line of its own. Never empty.
func wrap(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  var length = 0
  for word in text.split(whereSeparator: \.isWhitespace) {
    let wordLength = word.count
    if length > 0, length + 1 + wordLength > width {
      lines.append(line)
      line = ""
      length = 0
    }
    if length > 0 {
      line += " "
      length += 1
    }
    line += word
    length += wordLength
  }
  return lines + [line]
}
