import ArgumentParser
import Checks
import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// What the pages say can be done.
@Suite struct DocumentationTests {
  private static let pages: [String] = {
    let folder = Repository.root.appending(path: "docs")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  private static func text(of page: String) throws -> String {
    try String(contentsOf: Repository.root.appending(path: page), encoding: .utf8)
  }

  /// The command lines of the blocks of a page, without what stands before or behind `dsrproof` and its arguments.
  private static func commands(of page: String) throws -> [[String]] {
    let blocks = try text(of: page).components(separatedBy: "\n```").enumerated().filter { $0.offset % 2 == 1 }
    let lines = blocks.flatMap { $0.element.replacing("\\\n", with: " ").split(separator: "\n") }
    return lines.compactMap { line in
      let words = words(of: line)
      guard let start = words.firstIndex(where: { $0 == "dsrproof" || $0.hasSuffix("/dsrproof") }),
        words[..<start].allSatisfy({ ["sudo", "$"].contains($0) }) || words[..<start].last == "|"
      else { return nil }
      let rest = words[(start + 1)...]
      return Array(rest.prefix { !["|", ">", "2>", "&&", "#", ";"].contains($0) })
    }
  }

  /// As a shell splits them, as far as the pages need it.
  private static func words(of line: Substring) -> [String] {
    var words: [String] = []
    for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 { words.append(String(part)) } else { words += part.split(separator: " ").map(String.init) }
    }
    return words
  }

  @Test(arguments: pages)
  func everyCommandIsOne(page: String) throws {
    for command in try Self.commands(of: page) {
      do {
        _ = try DSRProof.parseAsRoot(ProbeOptions.completed(command))
      } catch {
        // Completion scripts and help are thrown as well.
        #expect(
          DSRProof.exitCode(for: error).isSuccess, "\(page): dsrproof \(command.joined(separator: " ")): \(error)")
      }
    }
  }

  @Test func thereAreCommands() throws {
    #expect(try Self.commands(of: "README.md").count > 15)
    #expect(try Self.commands(of: "docs/recipes.md").count > 5)
  }

  /// What the README shows behind a prompt is what is printed.
  @Test func theReadmeShowsWhatIsPrinted() throws {
    let blocks = try Self.text(of: "README.md").components(separatedBy: "```\n$ .build/release/dsrproof ").dropFirst()
    #expect(blocks.count > 1)
    for block in blocks {
      let shown = block.components(separatedBy: "\n```")[0]
      let arguments = shown.prefix { $0 != "\n" }.split(separator: " ").map(String.init)
      let result = try Executable.run(arguments, in: Repository.root)
      #expect(result.output == shown.dropFirst(arguments.joined(separator: " ").count + 1) + "\n")
    }
  }

  /// Each row of the recipes names captures that have the verdict that it tells.
  @Test func theRecipesTellTheVerdictsOfTheirCaptures() throws {
    let rows = try Self.text(of: "docs/recipes.md").split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }.filter { $0[2] != "capture" }
    #expect(rows.count > 20)
    for row in rows {
      let verdict = row[1].prefix { $0.isLetter }
      let names = row[2].split(separator: "`").enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }
      let captures = names.filter { !$0.hasPrefix("tables/") && !$0.isEmpty && !$0.contains(" ") && $0 != "," }
      let tables = names.filter { $0.hasPrefix("tables/") }
      let checks = row[1].matches(of: /[A-Z0-9]+\d{3}/).map { String($0.0) }
      #expect(!captures.isEmpty)
      for name in captures {
        let path = (name.contains("/") || name == "seed" ? name : "traps/\(name)") + ".pcap"
        let lines = FixtureLine.all.filter { $0.path == path }
        let fitting = lines.filter { line in
          line.verdict == verdict
            && tables.allSatisfy { table in line.arguments.contains { $0.hasPrefix(table) } }
        }
        #expect(!fitting.isEmpty, "\(path) is not \(verdict)")
        for check in checks {
          let slug = Check.all.first { $0.id == check }?.slug ?? check
          #expect(fitting.contains { $0.failing.contains(slug) }, "\(path) does not fail \(check)")
        }
      }
    }
  }
}
