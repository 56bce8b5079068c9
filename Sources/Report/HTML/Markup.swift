/// A piece of HTML or SVG. Every text that goes into it is escaped: there is no way to put one in as it is but to write
/// it in the source (`StaticString`).
struct Markup {
  private(set) var source = ""

  /// HTML elements that never have an end tag.
  private static let void: Set<String> = ["meta", "br", "link"]

  /// An element; an attribute without a value is left out.
  init(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    @MarkupBuilder _ content: () -> Markup = { Markup() }
  ) {
    source = "<\(name)"
    for (attribute, value) in attributes {
      guard let value else { continue }
      source += " \(attribute)=\"\(value.escaped)\""
    }
    source += ">"
    guard !Self.void.contains("\(name)") else { return }
    source += content().source
    source += "</\(name)>"
  }

  /// Several pieces, one after the other.
  init(@MarkupBuilder _ content: () -> Markup) { self = content() }

  init(text: String) { source = text.escaped }

  /// Markup, or a style sheet, of our own.
  init(asWritten source: StaticString) { self.source = "\(source)" }

  init(_ parts: [Markup] = []) { source = parts.map(\.source).joined() }
}

@resultBuilder enum MarkupBuilder {
  static func buildExpression(_ text: String) -> Markup { Markup(text: text) }
  static func buildExpression(_ markup: Markup) -> Markup { markup }
  static func buildExpression(_ markup: [Markup]) -> Markup { Markup(markup) }
  static func buildBlock(_ parts: Markup...) -> Markup { Markup(parts) }
  static func buildOptional(_ part: Markup?) -> Markup { part ?? Markup() }
  static func buildEither(first: Markup) -> Markup { first }
  static func buildEither(second: Markup) -> Markup { second }
  static func buildArray(_ parts: [Markup]) -> Markup { Markup(parts) }
}

extension String {
  /// For text and for attribute values in double quotes, in HTML (whatwg.org "Serialising HTML fragments") as in XML 1.0.
  /// Controls are shown as escapes: XML takes none of them, nor the two code points that are no characters.
  fileprivate var escaped: String {
    // Nearly all of what a report of thousands of services holds.
    if utf8.allSatisfy({ Self.needsNoEscape($0) }) { return self }
    var escaped = ""
    for scalar in withoutControls.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func needsNoEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: 0x20..<0x7f ~= byte
    }
  }
}
