import ArgumentParser
import Checks
import Report

/// `dsrproof checks`: the catalogue.
struct ChecksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checks", abstract: "List every check: its id, its name and the fault it looks for.")

  func run() throws {
    let output = try Output()
    output.write(Check.listing(of: Check.all))
    try output.finish()
  }
}
