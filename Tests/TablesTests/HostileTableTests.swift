import Foundation
import Tables
import TestSupport
import Testing

/// Damaged tables of every kind: each read gives a table or a `TableError`, in bounded time. A trap takes the test process
/// with it: the seed was printed before, and gives the table back.
@Suite struct HostileTableTests {
  /// A parser and the folder of what it reads, under `fixtures/tables`. A new one joins with a line in `all`.
  struct Reader: Sendable, CustomStringConvertible {
    var folder: String
    /// It reads YAML and JSON.
    var isDocument = false
    var read: @Sendable (String) throws -> Void
    var description: String { folder }

    static let all = [
      Reader(folder: "ipvs") { _ = try IPVSTable(text: $0) },
      Reader(folder: "firewall") { _ = try FirewallMarks(text: $0) },
      Reader(folder: "kubernetes", isDocument: true) { _ = try KubernetesObjects(text: $0) },
      Reader(folder: "as3", isDocument: true) { _ = try AS3Declaration(text: $0) },
    ]

    var texts: [[UInt8]] {
      let folder = Repository.fixtures.appending(path: "tables/\(folder)")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
      return names.compactMap { (try? Data(contentsOf: folder.appending(path: $0))).map(Array.init) }
    }

    /// How long it takes; whatever it throws has to be a `TableError`.
    func time(_ text: String) -> (duration: Duration, isRead: Bool) {
      var isRead = true
      let duration = ContinuousClock().measure {
        do {
          try read(text)
        } catch {
          isRead = false
          #expect(error is TableError, "\(error)")
        }
      }
      return (duration, isRead)
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

  @Test(arguments: Reader.all)
  func noDamageTraps(reader: Reader) throws {
    let seed = SeededGenerator.seed(for: "HostileTableTests (\(reader))")
    var random = SeededGenerator(seed: seed)
    let texts = reader.texts
    try #require(!texts.isEmpty)
    for text in texts { #expect(reader.time(String(decoding: text, as: UTF8.self)).duration < Self.longest) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(5)
    var (read, refused) = (0, 0)
    while clock.now < deadline {
      var text = texts.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...2, using: &random) { text = Self.mutated(text, using: &random) }
      let result = reader.time(String(decoding: text, as: UTF8.self))
      #expect(result.duration < Self.longest, "seed \(seed)")
      if result.isRead { read += 1 } else { refused += 1 }
    }
    print("HostileTableTests: \(reader): \(read) read, \(refused) refused")
    #expect(read > 0 && refused > 0)
  }

  @Test(arguments: Reader.all)
  func noTextIsRefusedQuietly(reader: Reader) {
    for text in [
      "", "\n", " ", "\0", "\u{feff}", "---\n---\n", "~", "# nothing", String(repeating: "\n", count: 100_000),
    ] {
      let result = reader.time(text)
      #expect(!result.isRead && result.duration < Self.longest)
    }
  }

  @Test(arguments: Reader.all.filter(\.isDocument))
  func absurdDepthIsRefused(reader: Reader) {
    for depth in [900, 1100, 100_000] {
      for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("- ", ""), ("? ", ""), ("{kind: List, items: [", "]}")] {
        let text = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        let result = reader.time(text)
        #expect(!result.isRead && result.duration < Self.longest, "\(open) \(depth) times")
      }
    }
    let steps = (0..<3000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(reader.time(steps).duration < Self.longest)
  }

  @Test(arguments: Reader.all.filter(\.isDocument))
  func bombsOfAliasesAreRefused(reader: Reader) {
    let names = (0..<30).map { "a\($0)" }
    for (open, close) in [("[", "]"), ("{", "}")] {
      var lines = ["a: &a0 \(open)x\(close)"]
      for (before, name) in zip(names, names.dropFirst()) {
        let aliases = Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
        lines.append("\(name): &\(name) \(open)\(aliases)\(close)")
      }
      let result = reader.time(lines.joined(separator: "\n"))
      #expect(!result.isRead && result.duration < Self.longest)
    }
    // Names that make the keys of one another.
    let keys = "&a {x: 1}: &b {*a : *a}\n? *b\n: &c {*b : *b}\n? *c\n: *c\n"
    #expect(reader.time(keys).duration < Self.longest)
    #expect(reader.time("a: &a [*a]").duration < Self.longest)
  }

  @Test(arguments: Reader.all.filter(\.isDocument))
  func largeTextsTakeLinearTime(reader: Reader) {
    let object = #"{"kind":"Pod","metadata":{"name":"a","labels":{"b":"\ud83d\ude00"}},"spec":{"x":[1,2,3]}}"#
    let items = Array(repeating: object, count: 10_000).joined(separator: ",")
    let long = #"{"kind":"List","items":["# + items + "]}"
    #expect(!reader.time(long).isRead)
    #expect(reader.time(long).duration < .seconds(20))
    let value = "{\"kind\":\"Pod\",\"a\":\"" + String(repeating: "\\n", count: 1_000_000) + "\"}"
    #expect(reader.time(value).duration < .seconds(20))
    #expect(reader.time(String(repeating: "---\na: 1\n", count: 50_000)).duration < .seconds(20))
  }
}
