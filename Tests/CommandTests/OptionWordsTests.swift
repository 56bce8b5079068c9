import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// Checks choose steps, and `Sources/Report` has the words: no line of code in `Sources/Checks` names an option.
@Suite struct OptionWordsTests {
  /// The long options of every command, but for those that other programs on the checks' pages have too.
  private static let options: Set<String> = {
    let help = ([DSRProof.self] + DSRProof.configuration.subcommands).map {
      DSRProof.helpMessage(for: $0, columns: 400)
    }
    let long = help.flatMap { $0.matches(of: /--[a-z][a-z-]+/).map { String($0.0) } }
    return Set(long).subtracting(["--rate", "--stats"])
  }()

  @Test func theOptionsAreRead() {
    #expect(Self.options.isSuperset(of: ["--vip", "--balancer-mac", "--host", "--fwmark", "--min-flows"]))
  }

  @Test func noCheckNamesAnOption() throws {
    let folder = Repository.root.appending(path: "Sources/Checks")
    let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".swift") }
    #expect(files.count > 100)
    for file in files {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        let words = line.matches(of: /--[a-z][a-z-]+/).map { String($0.0) }
        #expect(Self.options.isDisjoint(with: words), "\(file): \(line)")
      }
    }
  }
}
