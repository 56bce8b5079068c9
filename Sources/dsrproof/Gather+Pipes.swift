import Capture
import EvidenceFile
import Platform
import Synchronization

/// Reads pipes, and files beside them, each in a thread of its own, until all have ended, or a signal ends the reading. What
/// came by then is judged, of a pipe whose writer died too.
func gatherPipes(_ inputs: [CaptureInput], _ options: InputOptions, flowLimit: Int?) throws -> [GatheredFile] {
  Signals.listen()
  let budget = FrameBudget(options.frameLimit ?? .max)
  let readers = inputs.map { PipeReader($0, options, flowLimit: flowLimit) }
  for reader in readers {
    do throws(SystemError) {
      try Threads.start { reader.run(within: budget) }
    } catch {
      throw Failure.cannotRun("cannot start a thread: \(error)")
    }
  }
  while !Signals.wantEnd, !budget.isSpent, readers.contains(where: { !$0.hasEnded }) {
    Threads.sleep(for: .milliseconds(5))
  }
  if Signals.wantEnd { complain("reading was ended; what came by then is judged") }
  var files: [GatheredFile] = []
  for reader in readers {
    let (file, failure) = reader.result
    if let failure {
      // What the user asked for makes no sense, or a file that cannot be read is a mistake. A pipe may have lost its writer.
      guard !failure.isUsage, reader.input.isPipe, inputs.count > 1 || Signals.wantEnd else { throw failure }
      complain("\(reader.input.name.map { "\($0): " } ?? "")\(failure.message); the rest is judged")
    }
    files.append(file)
  }
  return files
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
  private let options: InputOptions
  private let empty: CaptureReading
  private let state: Mutex<State>

  private struct State: Sendable {
    var file: GatheredFile
    var failure: Failure?
    var hasEnded = false
  }

  init(_ input: CaptureInput, _ options: InputOptions, flowLimit: Int?) {
    self.input = input
    self.options = options
    empty = CaptureReading(input, of: options, flowLimit: flowLimit)
    state = Mutex(State(file: .capture(empty)))
  }

  var hasEnded: Bool { state.withLock { $0.hasEnded } }
  var result: (GatheredFile, Failure?) { state.withLock { ($0.file, $0.failure) } }

  func run(within budget: FrameBudget) {
    do throws(Failure) {
      switch try OpenedFile(input, options) {
      case .other(let opened):
        let file = try EvidenceFile(opened, input, options)
        state.withLock { $0.file = .evidence(input, file) }
      case .capture(let reader): try read(reader, within: budget)
      }
      state.withLock { $0.hasEnded = true }
    } catch {
      state.withLock { ($0.failure, $0.hasEnded) = (error, true) }
    }
  }

  private func read(_ capture: consuming CaptureReader, within budget: FrameBudget) throws(Failure) {
    var reader = capture
    var batch = FrameBatch()
    do throws(CaptureError) {
      while !budget.isSpent, try reader.read(into: &batch) {
        let (count, interfaces) = (budget.take(batch.frames.count), reader.interfaces)
        take { $0.take(batch, of: interfaces, atMost: count) }
      }
    } catch {
      throw Failure(error)
    }
    let (interfaces, truncatedAt, foreign) = (reader.interfaces, reader.truncatedAt, reader.foreignFrames)
    let lines = reader.skippedLines
    take { $0.end(interfaces, truncatedAt: truncatedAt, foreignFrames: foreign, skippedLines: lines) }
  }

  private func take(_ change: (inout CaptureReading) -> Void) {
    state.withLock { state in
      guard case .capture(var reading) = state.file else { return }
      // Held once, so that nothing is copied.
      state.file = .capture(empty)
      change(&reading)
      state.file = .capture(reading)
    }
  }
}
