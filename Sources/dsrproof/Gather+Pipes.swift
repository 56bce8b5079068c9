import Capture
import Evidence
import Foundation
import Synchronization

/// Reads pipes, and files beside them, each in a thread of its own, until all have ended, or a signal ends the reading. What
/// came by then is judged, of a pipe whose writer died too.
func gatherPipes(_ inputs: [CaptureInput], _ options: InputOptions) throws -> Evidence {
  Signals.listen()
  let budget = FrameBudget(options.frameLimit ?? .max)
  let readers = inputs.map { PipeReader($0, options) }
  for reader in readers { Thread.detachNewThread { reader.run(within: budget) } }
  while !Signals.wantEnd, !budget.isSpent, readers.contains(where: { !$0.hasEnded }) {
    Thread.sleep(forTimeInterval: 0.005)
  }
  if Signals.wantEnd { complain("reading was ended; what came by then is judged") }
  var parts: [CapturePart] = []
  for reader in readers {
    let (part, error) = reader.result
    if let error {
      if case .filterDoesNotCompile = error.fault { throw Failure(error) }
      // A file that cannot be read is a mistake. A pipe may have lost its writer.
      guard reader.input.isPipe, inputs.count > 1 || Signals.wantEnd else { throw Failure(error) }
      complain("\(reader.input.name.map { "\($0): " } ?? "")\(error); the rest is judged")
    }
    parts.append(part)
  }
  return Evidence.united(parts)
}

/// How many frames may still be taken, by all readers together.
private final class FrameBudget: Sendable {
  private let rest: Mutex<Int>

  init(_ limit: Int) { rest = Mutex(limit) }

  var isSpent: Bool { rest.withLock { $0 == 0 } }

  /// As many of `count` as there are left.
  func take(_ count: Int) -> Int {
    rest.withLock { rest in
      let taken = min(count, rest)
      rest -= taken
      return taken
    }
  }
}

/// Reads one pipe, or file, in a thread, and gives what it has read at any time.
private final class PipeReader: Sendable {
  let input: CaptureInput
  private let filter: String?
  private let state: Mutex<State>

  private struct State: Sendable {
    var reading: CaptureReading
    var error: CaptureError?
    var hasEnded = false
  }

  init(_ input: CaptureInput, _ options: InputOptions) {
    self.input = input
    filter = options.filter
    state = Mutex(State(reading: CaptureReading(input, of: options)))
  }

  var hasEnded: Bool { state.withLock { $0.hasEnded } }
  var result: (CapturePart, CaptureError?) { state.withLock { ($0.reading.part, $0.error) } }

  func run(within budget: FrameBudget) {
    do throws(CaptureError) {
      try read(within: budget)
      state.withLock { $0.hasEnded = true }
    } catch {
      state.withLock { ($0.error, $0.hasEnded) = (error, true) }
    }
  }

  private func read(within budget: FrameBudget) throws(CaptureError) {
    var reader = try CaptureReader(path: input.path, filter: filter)
    var batch = FrameBatch()
    while !budget.isSpent, try reader.read(into: &batch) {
      let (count, interfaces) = (budget.take(batch.frames.count), reader.interfaces)
      state.withLock { $0.reading.take(batch, of: interfaces, atMost: count) }
    }
    let (interfaces, truncatedAt, foreign) = (reader.interfaces, reader.truncatedAt, reader.foreignFrames)
    state.withLock { $0.reading.end(interfaces, truncatedAt: truncatedAt, foreignFrames: foreign) }
  }
}
