import Foundation
import Tables
import TestSupport
import Testing

/// Damaged tables of every kind: each read gives a table or a `TableError`, in bounded time. A trap takes the test process
/// with it: the seed was printed before, and gives the table back.
@Suite struct HostileTableTests {
  /// How long it takes; whatever it throws has to tell the place.
  private func time(_ reader: TableReader, _ text: String) -> (duration: Duration, isRead: Bool) {
    var isRead = true
    let duration = ContinuousClock().measure {
      do {
        _ = try reader.read(text)
      } catch {
        isRead = false
        #expect(error is TableError || error is HostFileError, "\(error)")
      }
    }
    return (duration, isRead)
  }

  /// What takes a text in `Sources/Tables` is called by a `TableReader`.
  @Test func everyReaderOfATextIsHere() throws {
    let here = try String(
      contentsOf: Repository.root.appending(path: "Tests/TestSupport/TableReader.swift"), encoding: .utf8)
    let sources = Repository.root.appending(path: "Sources/Tables")
    let names = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
    var found: Set<String> = []
    for name in names where name.hasSuffix(".swift") {
      // The type that is open at each indentation.
      var types: [Int: Substring] = [:]
      for line in try String(contentsOf: sources.appending(path: name), encoding: .utf8).split(separator: "\n") {
        let indentation = line.prefix { $0 == " " }.count
        if let match = line.firstMatch(of: /^ *(?:public )?(?:struct|enum|extension) ([A-Za-z0-9.]+)/) {
          types[indentation] = match.1
        }
        guard line.contains(/\btext: String\b/), let type = types[indentation - 2] else { continue }
        if line.contains(/^ *public init\(/) { found.insert("\(type)(") }
        if let match = line.firstMatch(of: /^ *public static func ([A-Za-z]+)\(/) {
          found.insert("\(type).\(match.1)(")
        }
      }
    }
    #expect(found.isSuperset(of: ["IPVSTable(", "IPVSTable.all(", "AS3Declaration(", "InvalidStateRules("]))
    // A type in a type is found by its own name.
    for call in found.sorted() { #expect(here.contains(call), "nothing in TableReader.swift calls \(call)…)") }
  }

  /// Of each text of a host there is one that the damage begins with.
  @Test func everyTextOfAHostIsHere() throws {
    let all = try TableReader.hosts.fixtures.joined(separator: "\n")
    for kind in HostTables.Text.allCases {
      #expect(kind.names.contains { all.contains("=== \($0)\n") }, "no fixture has the text \(kind)")
    }
  }

  private static let longest = Duration.seconds(5)

  private static func mutated(_ text: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = text
    switch Int.random(in: 0..<5, using: &random) {
    case 0: for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.damage(using: &random) }
    case 1: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
    case 2:
      // Lines doubled, dropped and moved.
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      for _ in 0..<Int.random(in: 1...3, using: &random) where !lines.isEmpty {
        let line = lines.remove(at: Int.random(in: 0..<lines.count, using: &random))
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          lines.insert(line, at: Int.random(in: 0...lines.count, using: &random))
        }
      }
      bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    case 3:
      let signs = [
        "&a ", "*a", "{", "}", "[", "]", "- ", ": ", "|", "? ", "---\n", "\t", "\"", "\\ud83d", "!!int ", "-1", "~",
      ]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let sign = signs.randomElement(using: &random) ?? ""
        bytes.insert(contentsOf: Array(sign.utf8), at: Int.random(in: 0...bytes.count, using: &random))
      }
    default:
      // Numbers become too large, too small or no numbers.
      let numbers = ["-1", "0", "65536", "99999999999999999999", "1e9", "0x50", "٣", "null", "[]", "{}"]
      let text = String(decoding: bytes, as: UTF8.self)
      let all = text.ranges(of: /[0-9]+/)
      if let place = all.randomElement(using: &random), let number = numbers.randomElement(using: &random) {
        bytes = Array(text.replacingCharacters(in: place, with: number).utf8)
      }
    }
    return bytes
  }

  @Test(arguments: TableReader.allCases)
  func noDamageTraps(reader: TableReader) throws {
    let seed = SeededGenerator.seed(for: "HostileTableTests (\(reader))")
    var random = SeededGenerator(seed: seed)
    let texts = try reader.fixtures.map { Array($0.utf8) }
    try #require(!texts.isEmpty)
    for text in texts { #expect(time(reader, String(decoding: text, as: UTF8.self)).duration < Self.longest) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(5)
    var (read, refused) = (0, 0)
    while clock.now < deadline {
      var text = texts.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...2, using: &random) { text = Self.mutated(text, using: &random) }
      let result = time(reader, String(decoding: text, as: UTF8.self))
      #expect(result.duration < Self.longest, "seed \(seed)")
      if result.isRead { read += 1 } else { refused += 1 }
    }
    print("HostileTableTests: \(reader): \(read) read, \(refused) refused")
    #expect(read > 0 && refused > 0)
  }

  @Test(arguments: TableReader.allCases.filter(\.refusesNothing))
  func noTextIsRefusedQuietly(reader: TableReader) {
    for text in [
      "", "\n", " ", "\0", "\u{feff}", "---\n---\n", "~", "# nothing", String(repeating: "\n", count: 100_000),
    ] {
      let result = time(reader, text)
      #expect(!result.isRead && result.duration < Self.longest)
    }
  }

  @Test(arguments: TableReader.allCases.filter(\.isDocument))
  func absurdDepthIsRefused(reader: TableReader) {
    for depth in [900, 1100, 100_000] {
      for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("- ", ""), ("? ", ""), ("{kind: List, items: [", "]}")] {
        let text = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        let result = time(reader, text)
        #expect(!result.isRead && result.duration < Self.longest, "\(open) \(depth) times")
      }
    }
    let steps = (0..<3000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(time(reader, steps).duration < Self.longest)
  }

  @Test(arguments: TableReader.allCases.filter(\.isDocument))
  func bombsOfAliasesAreRefused(reader: TableReader) {
    let names = (0..<30).map { "a\($0)" }
    for (open, close) in [("[", "]"), ("{", "}")] {
      var lines = ["a: &a0 \(open)x\(close)"]
      for (before, name) in zip(names, names.dropFirst()) {
        let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
        lines.append("\(name): &\(name) \(open)\(aliases)\(close)")
      }
      let result = time(reader, lines.joined(separator: "\n"))
      #expect(!result.isRead && result.duration < Self.longest)
    }
    // Names that make the keys of one another.
    let keys = "&a {x: 1}: &b {*a : *a}\n? *b\n: &c {*b : *b}\n? *c\n: *c\n"
    #expect(time(reader, keys).duration < Self.longest)
    #expect(time(reader, "a: &a [*a]").duration < Self.longest)
  }

  @Test(arguments: TableReader.allCases.filter(\.isDocument))
  func largeTextsTakeLinearTime(reader: TableReader) {
    let object = #"{"kind":"Pod","metadata":{"name":"a","labels":{"b":"\ud83d\ude00"}},"spec":{"x":[1,2,3]}}"#
    let items = Array(repeating: object, count: 10_000).joined(separator: ",")
    let long = #"{"kind":"List","items":["# + items + "]}"
    #expect(!time(reader, long).isRead)
    #expect(time(reader, long).duration < .seconds(20))
    let value = "{\"kind\":\"Pod\",\"a\":\"" + String(repeating: "\\n", count: 1_000_000) + "\"}"
    #expect(time(reader, value).duration < .seconds(20))
    #expect(time(reader, String(repeating: "---\na: 1\n", count: 50_000)).duration < .seconds(20))
  }
}
