import Capture
import Dispatch
import Evidence
import Platform
import Synchronization

/// Reads one file by the thread that runs it, and those that help.
///
/// Whoever is free takes the next batch of frames off the file, for records have to be found in their order, and makes evidence
/// of its own of it; in the end all of that merges. A flow that several threads saw takes memory in each of them, so they stop
/// to merge when it grows. What is dropped of a flood hangs on how far the file was read: before the first flow has to be
/// dropped, the threads go on in order, one of them reading ahead. So the report is the one that a single thread gives. In a flood
/// they do so before, until it is over: flows that no two threads share take as long to merge as to read.
final class ThreadedReading: Sendable {
  private let input: CaptureInput
  private let options: InputOptions
  private let flowLimit: Int?
  private let progress: ProgressLine
  private let memory: FlowMemory
  private let source: Mutex<Source>
  private let state = Mutex(State())
  private let pace = Mutex(Pace())
  /// What was read in order.
  private let ordered: Mutex<CaptureReading?> = Mutex(nil)
  /// Held by the thread whose turn it is to observe, where that has to be in order.
  private let turn = DispatchSemaphore(value: 1)
  /// Those that help in this round.
  private let helpers = DispatchGroup()
  /// Signalled for each that waits for the next round.
  private let next = DispatchSemaphore(value: 0)

  private struct Source: ~Copyable {
    var reader: CaptureReader
    /// How many frames may still be taken.
    var rest: Int
    var frames: UInt64 = 0
    var failure: CaptureError?
    var hasEnded = false
  }

  private enum Round {
    /// Until the flows of all take more than `most` bytes, or a flood begins.
    case apart(most: Int)
    case inOrder(untilCalm: Bool)
  }

  /// What ends a round.
  private struct Pace {
    /// How many bytes the flows of all take that were read apart.
    var bytes = 0
    var isFlooded = false
    var isOver = false
  }

  private struct State {
    /// `nil` while what was read merges.
    var round: Round?
    var hasEnded = false
    var helping = 0
    var waiting = 0
    /// What those that helped have read apart.
    var read: [CaptureReading] = []
  }

  private struct Taken: Sendable {
    var frames: Int
    var interfaces: [CaptureInterface]
  }

  /// `threads` may read it at most.
  init(
    _ reader: consuming sending CaptureReader, _ input: CaptureInput, of options: InputOptions, flowLimit: Int?,
    frameLimit: Int, threads: Int, _ progress: ProgressLine
  ) {
    var reader = reader
    if let blockSize = options.threading.blockSize { reader.blockSize = blockSize }
    (self.input, self.options, self.flowLimit, self.progress) = (input, options, flowLimit, progress)
    memory = FlowMemory(limit: flowLimit, threads: threads, batch: reader.blockSize)
    source = Mutex(Source(reader: reader, rest: frameLimit))
  }

  /// Reads to the end of the file.
  func run() throws(CaptureError) -> CaptureReading {
    defer { open(nil) }
    var use = memory
    var whole = CaptureReading(input, of: options, flowLimit: flowLimit)
    var isFlooded = false
    while !hasEnded {
      if use.needsOrder || isFlooded {
        readInOrder(into: &whole, untilCalm: !use.needsOrder)
        isFlooded = false
      } else {
        isFlooded = readApart(into: &whole, most: use.most)
      }
      use.note(merged: whole.flowByteCount)
    }
    return try source.withLock { source throws(CaptureError) in
      if let failure = source.failure { throw failure }
      whole.end(
        source.reader.interfaces, truncatedAt: source.reader.truncatedAt, foreignFrames: source.reader.foreignFrames,
        skippedLines: source.reader.skippedLines)
      return whole
    }
  }

  /// Helps until the file ends, or can be read by fewer threads alone; false where it could already.
  func help() -> Bool {
    var hasHelped = false
    while let round = join() {
      hasHelped = true
      var apart: CaptureReading?
      switch round {
      case .apart(let most):
        var reading = CaptureReading(input, of: options, flowLimit: nil)
        readApart(&reading, most: most)
        apart = reading
      case .inOrder(let untilCalm): readInOrder(untilCalm: untilCalm)
      }
      state.withLock { state in
        state.helping -= 1
        // Nobody begins anew with a round that is over.
        state.round = nil
        if let apart { state.read.append(apart) }
      }
      helpers.leave()
    }
    return hasHelped
  }

  /// Ends the reading where it is: nobody needs it.
  func stop() { source.withLock { $0.hasEnded = true } }

  /// How much of the file was not read yet.
  var bytesLeft: UInt64 {
    source.withLock { source in
      let size = source.reader.size ?? 0
      return size - min(size, source.reader.bytesRead)
    }
  }

  private var hasEnded: Bool { source.withLock { $0.hasEnded } }

  // MARK: Rounds

  /// Lets helpers take part in a round; `nil` is for the end of the file.
  private func open(_ round: Round?) {
    let waiting = state.withLock { state in
      (state.round, state.hasEnded) = (round, round == nil)
      defer { state.waiting = 0 }
      return state.waiting
    }
    for _ in 0..<waiting { next.signal() }
  }

  /// Waits for those that take part, and returns what they have read.
  private func close() -> [CaptureReading] {
    state.withLock { $0.round = nil }
    helpers.wait()
    return state.withLock { state in
      defer { state.read = [] }
      return state.read
    }
  }

  /// Takes part in this round, or the next one; `nil` where there is nothing to help with.
  private func join() -> Round? {
    while true {
      let (round, waits) = state.withLock { state -> (Round?, Bool) in
        if state.hasEnded { return (nil, false) }
        guard let round = state.round else {
          state.waiting += 1
          return (nil, true)
        }
        let most = if case .apart = round { memory.threads } else { 2 }
        guard state.helping + 1 < most else {
          // A flood may end, and this round with it.
          guard case .inOrder(untilCalm: true) = round else { return (nil, false) }
          state.waiting += 1
          return (nil, true)
        }
        state.helping += 1
        helpers.enter()
        return (round, false)
      }
      guard waits else { return round }
      next.wait()
    }
  }

  // MARK: Each thread for itself

  /// To the end of the round; whether it ended because of a flood.
  private func readApart(into whole: inout CaptureReading, most: Int) -> Bool {
    pace.withLock { $0 = Pace(bytes: whole.flowByteCount) }
    open(.apart(most: most))
    readApart(&whole, most: most)
    var others = close()
    // Let go one by one.
    while let other = others.popLast() { whole.merge(other) }
    return pace.withLock { $0.isFlooded }
  }

  private func readApart(_ reading: inout CaptureReading, most: Int) {
    var batch = FrameBatch()
    while !isOver, let taken = take(into: &batch) {
      let (bytes, flows) = (reading.flowByteCount, reading.flowCount)
      reading.take(batch, of: taken.interfaces, atMost: taken.frames)
      let isFlooded = FlowMemory.isFlood(taken.frames, flows: flows, reading.flowCount)
      pace.withLock { pace in
        pace.bytes += reading.flowByteCount - bytes
        if isFlooded { pace.isFlooded = true }
        if isFlooded || pace.bytes > most { pace.isOver = true }
      }
    }
  }

  // MARK: In order

  /// To the end of the round.
  private func readInOrder(into whole: inout CaptureReading, untilCalm: Bool) {
    // Moved, for what is held twice would be copied.
    var read: CaptureReading? = whole
    whole = CaptureReading(input, of: options, flowLimit: nil)
    ordered.withLock { swap(&$0, &read) }
    pace.withLock { $0 = Pace() }
    open(.inOrder(untilCalm: untilCalm))
    readInOrder(untilCalm: untilCalm)
    _ = close()
    ordered.withLock { swap(&$0, &read) }
    if let read { whole = read }
  }

  /// Whoever has read a batch waits for its turn before anybody reads the next one.
  private func readInOrder(untilCalm: Bool) {
    var batch = FrameBatch()
    while !isOver, let taken = take(into: &batch, beforeOthers: { turn.wait() }) {
      let isCalm = ordered.withLock { reading in
        let flows = reading?.flowCount ?? 0
        reading?.take(batch, of: taken.interfaces, atMost: taken.frames)
        guard let reading else { return true }
        return FlowMemory.isCalm(taken.frames, flows: flows, reading.flowCount)
          || memory.isNearLimit(reading.flowByteCount)
      }
      if untilCalm, isCalm { pace.withLock { $0.isOver = true } }
      turn.signal()
    }
  }

  private var isOver: Bool { pace.withLock { $0.isOver } }

  // MARK: Both

  /// Reads the next batch, and calls `beforeOthers` before another thread may read one; `nil` at the end.
  private func take(into batch: inout FrameBatch, beforeOthers: () -> Void = {}) -> Taken? {
    source.withLock { source in
      guard !source.hasEnded else { return nil }
      do throws(CaptureError) {
        guard source.rest > 0, try source.reader.read(into: &batch) else {
          source.hasEnded = true
          return nil
        }
      } catch {
        (source.failure, source.hasEnded) = (error, true)
        return nil
      }
      let count = min(batch.frames.count, source.rest)
      source.rest -= count
      source.frames += UInt64(count)
      progress.update(
        path: input.path, bytesRead: source.reader.bytesRead, size: source.reader.size, frames: source.frames)
      beforeOthers()
      return Taken(frames: count, interfaces: source.reader.interfaces)
    }
  }
}

/// Calls `work` in so many threads, of which this is one, and waits for all of them.
func inThreads(_ count: Int, _ work: @escaping @Sendable () -> Void) {
  let others = DispatchGroup()
  for _ in 1..<max(1, count) {
    others.enter()
    do throws(SystemError) {
      try Threads.start {
        work()
        others.leave()
      }
    } catch {
      // The others do it.
      others.leave()
    }
  }
  work()
  others.wait()
}
