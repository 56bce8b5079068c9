import Testing

@testable import Report

/// Nothing that goes into markup can become markup.
@Suite struct MarkupTests {
  private static let hostile = "<script>alert(1)</script>\"&'"
  private static let harmless = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;"

  @Test func textIsEscaped() {
    #expect(Markup(text: Self.hostile).source == Self.harmless)
    #expect(Markup("p") { Self.hostile }.source == "<p>\(Self.harmless)</p>")
  }

  @Test func attributesAreEscaped() {
    #expect(Markup("a", ["title": Self.hostile]).source == "<a title=\"\(Self.harmless)\"></a>")
  }

  @Test func anAttributeWithoutAValueIsLeftOut() {
    #expect(Markup("a", ["id": nil, "class": ""]).source == "<a class=\"\"></a>")
  }

  @Test func emptyElementsOfHTMLHaveNoEnd() {
    #expect(Markup("br").source == "<br>")
    #expect(Markup("td").source == "<td></td>")
  }

  /// XML 1.0, section 2.2: these may not even stand there as references.
  @Test func whatXMLForbidsIsReplaced() {
    #expect(Markup(text: "a\u{0}\u{1b}\u{fffe}\u{ffff}b").source == "a\\u{0}\\u{1b}\\u{fffe}\\u{ffff}b")
  }

  @Test func textCannotBeReordered() {
    #expect(Markup(text: "\u{202e}gpj.exe").source == "\\u{202e}gpj.exe")
  }

  @Test(arguments: [(true, "last"), (false, "")])
  func piecesKeepTheirOrder(isEnding: Bool, end: String) {
    let list = Markup("ul") {
      "first"
      for item in ["a", "b"] { Markup("li") { item } }
      if isEnding { "last" }
    }
    #expect(list.source == "<ul>first<li>a</li><li>b</li>\(end)</ul>")
  }
}
