import ArgumentParser
import Synchronization
import TestSupport
import Testing

@testable import dsrproof

extension FixtureLine {
  /// `dsrproof verify -r CAPTURE` with the line's arguments, ready to run within the tests.
  var command: VerifyCommand {
    get throws {
      try Self.command(path, absoluteArguments)
    }
  }

  static func command(_ path: String, _ arguments: [String]) throws -> VerifyCommand {
    var command = try known.withLock { known in
      if let command = known[arguments] { return command }
      let command = try #require(try DSRProof.parseAsRoot(["verify", "-r", "-"] + arguments) as? VerifyCommand)
      known[arguments] = command
      return command
    }
    command.input.captures = [Repository.fixture(path)] + command.input.captures.dropFirst()
    return command
  }

  /// Reading arguments takes longer than what they ask for, and many lines have the same.
  private static let known = Mutex<[[String]: VerifyCommand]>([:])
}
