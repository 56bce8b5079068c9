import Capture
import Dispatch
import EvidenceFile
import Synchronization

/// Reads files by several threads: each takes the next file that nobody has begun, and where there is none left helps with one
/// that is being read. What was read stands in the order in which the files were named, and so does the first that cannot be
/// read: none behind it is read on.
final class FilesReading: Sendable {
  private let inputs: [CaptureInput]
  private let options: InputOptions
  private let flowLimits: [Int?]
  private let frameLimit: Int
  private let threads: Int
  private let progress: ProgressLine
  private let state: Mutex<State>
  /// Signalled for each that waits for a file to be open.
  private let opened = DispatchSemaphore(value: 0)

  private struct State {
    var next = 0
    /// Of those that somebody has begun, so many are open, or will never be one to help with.
    var opened = 0
    var waiting = 0
    var files: [GatheredFile?]
    /// By the place of their files.
    var running: [Int: ThreadedReading] = [:]
    var failure: (place: Int, reason: Failure)?

    /// Nothing from here on is needed.
    var end: Int { failure?.place ?? files.count }
  }

  /// Takes up to `frameLimit` frames of each. `flowLimits` are in the order of the files.
  init(
    _ inputs: [CaptureInput], _ options: InputOptions, flowLimits: [Int?], frameLimit: Int = .max, threads: Int,
    _ progress: ProgressLine
  ) {
    (self.inputs, self.options, self.flowLimits, self.frameLimit) = (inputs, options, flowLimits, frameLimit)
    (self.threads, self.progress) = (threads, progress)
    state = Mutex(State(files: Array(repeating: nil, count: inputs.count)))
  }

  func run() throws(Failure) -> [GatheredFile] {
    inThreads(threads) { self.work() }
    let (files, failure) = state.withLock { ($0.files, $0.failure?.reason) }
    if let failure { throw failure }
    return files.compactMap { $0 }
  }

  private func work() {
    while let place = takeNext() {
      do throws(Failure) {
        let file = try read(place)
        state.withLock { $0.files[place] = file }
      } catch {
        note(error, of: place)
      }
    }
    while helpWithAny() {}
  }

  private func takeNext() -> Int? {
    state.withLock { state in
      guard state.next < state.end else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  private func read(_ place: Int) throws(Failure) -> GatheredFile {
    let input = inputs[place]
    var isOpening = true
    defer { if isOpening { noteOpened() } }
    switch try OpenedFile(input, options) {
    case .other(let file): return .evidence(input, try EvidenceFile(file, input, options))
    case .capture(let reader):
      let reading = ThreadedReading(
        reader, input, of: options, flowLimit: flowLimits[place], frameLimit: frameLimit, threads: threads, progress)
      isOpening = false
      noteOpened(reading, place)
      defer { state.withLock { $0.running[place] = nil } }
      do throws(CaptureError) {
        return .capture(try reading.run())
      } catch {
        throw Failure(error)
      }
    }
  }

  private func noteOpened(_ reading: ThreadedReading? = nil, _ place: Int = 0) {
    let (waiting, isNeeded) = state.withLock { state in
      state.opened += 1
      if let reading { state.running[place] = reading }
      defer { state.waiting = 0 }
      return (state.waiting, place < state.end)
    }
    if !isNeeded { reading?.stop() }
    for _ in 0..<waiting { opened.signal() }
  }

  private func note(_ failure: Failure, of place: Int) {
    let needless = state.withLock { state in
      if place < state.end { state.failure = (place, failure) }
      return state.running.filter { $0.key >= state.end }.values
    }
    for reading in needless { reading.stop() }
  }

  /// With the file of which most is left, or waits for one to be open; false where nobody will need help.
  private func helpWithAny() -> Bool {
    let (running, known) = state.withLock { (Array($0.running.values), $0.opened) }
    let byRest = running.map { (rest: $0.bytesLeft, reading: $0) }.sorted { $0.rest > $1.rest }
    for (_, reading) in byRest where reading.help() { return true }
    let (goesOn, waits) = state.withLock { state in
      if state.opened != known { return (true, false) }
      if state.opened == state.next { return (false, false) }
      state.waiting += 1
      return (true, true)
    }
    if waits { opened.wait() }
    return goesOn
  }
}
