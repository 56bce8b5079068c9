import ArgumentParser
import Capture
import Checks
import Platform
import Report

/// Why there is no report: one line for standard error, and the exit status.
struct Failure: Error, Equatable {
  var message: String
  var status: Int32

  /// The tool could not do its work.
  static func cannotRun(_ message: String) -> Failure { Failure(message: message, status: 2) }

  var isUsage: Bool { status == ExitCode.validationFailure.rawValue }

  /// The user asked for something that makes no sense.
  static func usage(_ message: String) -> Failure {
    Failure(message: message, status: ExitCode.validationFailure.rawValue)
  }
}

extension Failure {
  /// A filter expression of the user's that means nothing.
  static func wrongFilter(_ message: String) -> Failure {
    .usage("\(message) (a right one: host 10.1.10.10 and tcp port 80)")
  }

  init(_ error: CaptureError) {
    if case .filterDoesNotCompile = error.fault {
      self = .wrongFilter("\(error)")
    } else {
      self = .cannotRun("\(error)")
    }
  }
}

extension Verdict.Outcome {
  /// What `verify` exits with.
  var exitCode: ExitCode {
    switch self {
    case .pass: .success
    case .fail: .failure
    case .inconclusive: ExitCode(3)
    }
  }
}

/// Writes one line to standard error.
func complain(_ message: String) {
  let line = message.split(whereSeparator: \.isNewline).joined(separator: " ").withoutControls
  try? OpenFile.standardError.write("dsrproof: \(line)\n".utf8)
}
