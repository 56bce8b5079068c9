import Foundation
import TestSupport
import Testing

@testable import Tables

/// Damaged declarations: each is read or refused, in time.
@Suite struct AS3HostileTests {
  static let texts: [String] = {
    let folder = Repository.fixtures.appending(path: "tables/as3")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
  }()

  private static let pieces = [
    "{", "}", "[", "]", ":", ",", "\"", "'", "|", "&a ", "*a", "---\n", "\t", "\n", "\\u0000", "null", "true", "-1",
    "99999999999999999999", "{\"use\": \"/AS3/MyApps/l2dsr_http\"}", "\"include\": \"x\",", "\u{0}", "\u{feff}", "%",
    "/",
    "template:", "class", "{\"declaration\": ", "\"virtualType\": \"internal\",", "}\n{", "\n: ",
    "\"\(String(repeating: "k", count: 1200))\": 1,",
  ]

  @Test func everyDamagedDeclarationIsReadOrRefused() throws {
    let seed = SeededGenerator.seed(for: "AS3HostileTests")
    var random = SeededGenerator(seed: seed)
    try #require(Self.texts.count > 10)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(6)
    var (read, refused) = (0, 0)
    while clock.now < deadline {
      var bytes = Array((Self.texts.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        if Bool.random(using: &random) {
          bytes.damage(using: &random)
        } else {
          let piece = Self.pieces.randomElement(using: &random) ?? ""
          bytes.insert(contentsOf: piece.utf8, at: Int.random(in: 0...bytes.count, using: &random))
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let start = clock.now
      do throws(TableError) {
        _ = try AS3Declaration(text: text)
        read += 1
      } catch {
        #expect(error.line >= 0 && !error.expected.isEmpty, "seed \(seed)")
        refused += 1
      }
      #expect(clock.now - start < .seconds(5), "seed \(seed)")
    }
    print("AS3HostileTests: \(read) declarations read, \(refused) refused")
    #expect(read > 50 && refused > 50)
  }
}
