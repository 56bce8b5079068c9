import TestSupport
import Testing

@testable import Tables

@Suite struct DocumentNodeTests {
  private func only(_ text: String) throws -> DocumentNode {
    let documents = try DocumentNode.all(of: text)
    try #require(documents.count == 1)
    return documents[0]
  }

  @Test func everyDocumentOfATextIsReadAndEmptyOnesAreLeftOut() throws {
    let documents = try DocumentNode.all(of: "---\na: 1\n---\n---\n# nothing\n...\n---\nb: 2\n")
    #expect(documents.map(\.line) == [2, 8])
    #expect(documents.last?["b"]?.int == 2)
  }

  @Test func linesAreThoseOfTheText() throws {
    let yaml = try only("a:\n  b:\n  - c: 1\n  - c: 2\n")
    #expect(yaml["a"]?["b"]?.items.map(\.line) == [3, 4])
    let json = try only("{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t1,\n\t\t\t2\n\t\t]\n\t}\n}\n")
    #expect(json["a"]?["b"]?.items.map(\.line) == [4, 5])
    #expect(try DocumentNode.all(of: "x: 1\ny: 2\n", firstLine: 10).first?["y"]?.line == 11)
  }

  @Test func aBlocksOwnLinesAreTheFiles() throws {
    let outer = try only("data:\n  text: |-\n    a: 1\n    b: 2\n")
    let inner = try #require(try outer["data"]?["text"]?.documentsInText().first)
    #expect(inner["b"]?.line == 4)
    // A quoted text has one line in the file, however many its content has.
    let quoted = try only("{\"data\":\n {\"text\": \"a: 1\\nb: 2\\n\"}}")
    #expect(try quoted["data"]?["text"]?.documentsInText().first?["b"]?.line == 2)
  }

  @Test func aFaultInATextInAValueHasTheFilesLine() throws {
    let outer = try only("text: |\n  a: 1\n  b: [\n")
    #expect {
      try outer["text"]?.documentsInText()
    } throws: {
      [3, 4].contains(($0 as? TableError)?.line)
    }
  }

  @Test func nullIsNothing() throws {
    let node = try only("a: null\nb: ~\nc:\nd: \"null\"\n")
    #expect(node["a"] == nil && node["b"] == nil && node["c"] == nil)
    #expect(node["d"]?.text == "null")
  }

  @Test func pairsOfEscapesAreOneCharacter() throws {
    #expect(try only(#"{"a": "\ud83d\ude00", "b": "\\ud83d\\ude00", "c": "\/"}"#)["a"]?.text == "😀")
    // A backslash that is escaped begins no escape.
    #expect(try only(#"{"a": "\ud83d\ude00", "b": "\\ud83d\\ude00"}"#)["b"]?.text == #"\ud83d\ude00"#)
    for half in [#"{"a": "\ud83d"}"#, #"{"a": "\ude00\ud83d"}"#, #"{"a": "\ud83d\u0041"}"#, #"{"a": "\ud83d\"#] {
      #expect(throws: TableError.self) { try DocumentNode.all(of: half) }
    }
  }

  @Test func textsOfJSONOneAfterAnotherAreDocuments() throws {
    let documents = try DocumentNode.all(of: "{\"a\": \"}{\\\"\"}\n[1,\n 2] {\"b\": 3}\n\n{\"c\":\n4}\n", firstLine: 10)
    #expect(documents.map(\.line) == [10, 11, 12, 14])
    #expect(documents[0]["a"]?.text == "}{\"" && documents[1].items.map(\.line) == [11, 12])
    #expect(documents[3]["c"]?.line == 15)
    for text in ["{} , {}", "{}\n{\"a\": 1", "{}\n}", "{\"a\": 1} b", "{} {\"a\" 1}"] {
      #expect(throws: TableError.self) { try DocumentNode.all(of: text) }
    }
  }

  /// RFC 8259 lets them stand as they are; YAML does not, or ends the line there.
  @Test func whatJSONAllowsIsRead() throws {
    for odd in ["\u{7f}", "\u{80}", "\u{85}", "\u{2028}", "\u{2029}", "\u{fffe}", "\u{ffff}"] {
      let node = try only("{\"a\": \"x\(odd)y\",\n\"k\(odd)k\": {\"a\": 1},\n\"b\": 2}")
      #expect(node["a"]?.text?.hasPrefix("x") == true && node["b"]?.int == 2, "\(odd.unicodeScalars)")
    }
    #expect(try only("\n\t {\"a\":\n\t[1]}\n\t")["a"]?.line == 3)
    #expect(throws: TableError.self) { try DocumentNode.all(of: "a: x\u{7f}") }
  }

  /// As kubectl reads them.
  @Test func mergeKeysAreExpanded() throws {
    let document = try only(
      "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: *a\n  y: 5\nd:\n  <<: [*a, *b]\n")
    #expect(document["c"]?.entries.map(\.key) == ["y", "x"] && document["c"]?["y"]?.int == 5)
    #expect(document["c"]?["x"]?.line == 1)
    #expect(document["d"]?["y"]?.int == 2 && document["d"]?["z"]?.int == 4)
    // In quotes it is a name like any other.
    #expect(throws: TableError.self) { try DocumentNode.all(of: "{<<: 1, '<<': 2}") }
    #expect(try only("{'<<': {x: 1}}")["x"] == nil)
  }

  /// libyaml wants a mark before such a key.
  @Test func aKeyMayBeLongOrStandAwayFromItsColon() throws {
    let long = String(repeating: "k", count: 5000)
    let document = try only("{\"a\": {\"\(long)\": [1]},\n\"b\"\n : 2,\n\"c\\\"\": \"\(long)\"}")
    #expect(document["a"]?[long]?.items.first?.int == 1)
    #expect(document["b"]?.int == 2 && document["b"]?.line == 3 && document["c\""]?.text == long)
  }

  @Test func aKeyThatStandsTwiceIsRefusedWithItsLine() {
    for text in ["a: 1\nb: 2\na: 3\n", "{\"a\": 1,\n\"a\": 2}", "[{a: 1, !other a: 2}]", "a: 1\n\"\\x61\": 2\n"] {
      #expect {
        try DocumentNode.all(of: text)
      } throws: {
        ($0 as? TableError)?.expected == "each key once" && ($0 as? TableError)?.found == "a twice"
      }
    }
  }

  @Test func whatIsNoYAMLIsRefusedWithItsLine() {
    #expect {
      try DocumentNode.all(of: "a: 1\nb: [1, 2\nc: 3\n")
    } throws: {
      (($0 as? TableError)?.line ?? 0) > 1
    }
  }

  @Test func absurdDepthIsToldAsWhatItIs() {
    for text in [
      String(repeating: "[", count: 5000), (0..<5000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ] {
      #expect {
        try DocumentNode.all(of: text)
      } throws: {
        ($0 as? TableError)?.expected == "values at most 1000 levels deep"
      }
    }
  }

  @Test func anAliasIsTheValueThatItStandsFor() throws {
    let node = try only("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n")
    #expect(node["c"]?["b"]?.int == 1)
    #expect(node["d"]?.items.map { $0["b"]?.line } == [1, 1])
  }

  @Test func anAliasOfNothingIsRefusedWithItsLine() {
    // A name is its document's own (YAML 1.1 section 7.1), and no value stands for itself.
    for text in ["a: 1\nb: *x\n", "a: &x 1\n---\n- *x\n", "a: 1\nb: &x [*x]\n"] {
      #expect {
        try DocumentNode.all(of: text)
      } throws: {
        ($0 as? TableError)?.found == "found undefined alias" && ($0 as? TableError)?.line ?? 0 > 1
      }
    }
  }

  @Test func onlyAliasesCountAsAliases() throws {
    let signs = (0..<100).map { "&name\($0) *name\($0)" }.joined(separator: " ")
    #expect(try only("{\"a\": \"\(signs)\"}")["a"]?.text == signs)
    #expect(try only("a: |\n  \(signs)\n# \(signs)\n")["a"]?.text == signs + "\n")
    #expect(
      try only("a: &x 1\nb: [\(Array(repeating: "*x", count: 32).joined(separator: ", "))]\n")["b"]?.items.count == 32)
    #expect {
      try DocumentNode.all(of: "a: &x 1\nb:\n" + String(repeating: "- *x\n", count: 33))
    } throws: {
      $0 as? TableError
        == TableError(line: 35, expected: "at most 32 aliases", found: "more, which unfold without end")
    }
  }

  @Test func aliasesStandForNoMoreThanAFewValues() throws {
    let many = Array(repeating: "1", count: 1 << 16).joined(separator: ", ")
    #expect(throws: TableError.self) { try DocumentNode.all(of: "a: &x [\(many)]\nb: *x\n") }
    // Without an alias a document is as large as it likes.
    #expect(try only("a: &x [\(many)]\n")["a"]?.items.count == 1 << 16)
    let grown = "a: &x [1, 1]\n" + (0..<16).map { "b\($0): &x [*x, *x]\n" }.joined()
    #expect(throws: TableError.self) { try DocumentNode.all(of: grown) }
  }

  @Test func linesMayEndAsOnWindowsAndTheTextMayBearAMark() throws {
    let node = try only("\u{feff}a: 1\r\nb: 2\r\n")
    #expect(node["a"]?.int == 1)
    #expect(node["b"]?.line == 2)
  }
}
