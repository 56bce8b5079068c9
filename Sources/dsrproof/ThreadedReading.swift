import Capture
import Dispatch
import Evidence
import Foundation
import Synchronization

/// Reads one file by several threads.
///
/// Whoever is free takes the next batch of frames off the file, for records have to be found in their order, and makes evidence
/// of its own of it; in the end all of that merges. A flow that several threads saw takes memory in each of them, so they stop
/// to merge when it grows. What is dropped of a flood hangs on how far the file was read: before the first flow has to be
/// dropped, the threads go on in order, one of them reading ahead. So the report is the one that a single thread gives.
final class ThreadedReading: Sendable {
  private let input: CaptureInput
  private let options: InputOptions
  private let threads: Int
  private let flowLimit: Int?
  private let progress: ProgressLine
  private let source: Mutex<Source>
  /// What each thread has read, while it does not run.
  private let readings: Mutex<[CaptureReading?]>
  /// How many bytes the flows of each take.
  private let sizes: Mutex<[Int]>
  /// Held by the thread whose turn it is to observe, where that has to be in order.
  private let turn = DispatchSemaphore(value: 1)

  private struct Source: ~Copyable {
    var reader: CaptureReader
    /// How many frames may still be taken.
    var rest: Int
    var frames: UInt64 = 0
    var failure: CaptureError?
    var hasEnded = false
  }

  private struct Taken: Sendable {
    var frames: Int
    var interfaces: [CaptureInterface]
  }

  init(
    _ reader: consuming sending CaptureReader, _ input: CaptureInput, of options: InputOptions, flowLimit: Int?,
    atMost limit: Int, threads: Int, _ progress: ProgressLine
  ) {
    (self.input, self.options, self.threads) = (input, options, threads)
    (self.flowLimit, self.progress) = (flowLimit, progress)
    source = Mutex(Source(reader: reader, rest: limit))
    readings = Mutex(Array(repeating: nil, count: threads))
    sizes = Mutex(Array(repeating: 0, count: threads))
  }

  /// Reads to the end of the file.
  func run() throws(CaptureError) -> CaptureReading {
    var memory = FlowMemory(
      limit: flowLimit, threads: threads, batch: options.threading.blockSize ?? CaptureReader.blockSize)
    var whole = CaptureReading(input, of: options, flowLimit: flowLimit)
    while !hasEnded {
      if memory.needsOrder {
        readInOrder(into: &whole)
      } else {
        readApart(into: &whole, most: memory.most)
        memory.note(merged: whole.flowByteCount)
      }
    }
    return try source.withLock { source throws(CaptureError) in
      if let failure = source.failure { throw failure }
      whole.end(
        source.reader.interfaces, truncatedAt: source.reader.truncatedAt, foreignFrames: source.reader.foreignFrames)
      return whole
    }
  }

  private var hasEnded: Bool { source.withLock { $0.hasEnded } }

  // MARK: Each thread for itself

  /// Until the file ends, or what all have seen takes more than `most` bytes.
  private func readApart(into whole: inout CaptureReading, most: Int) {
    let empty = CaptureReading(input, of: options, flowLimit: nil)
    // Moved, for what is held twice would be copied.
    var first: CaptureReading? = whole
    whole = empty
    readings.withLock { readings in
      for index in readings.indices { readings[index] = empty }
      swap(&readings[0], &first)
    }
    sizes.withLock { sizes in
      for index in sizes.indices { sizes[index] = 0 }
    }
    inThreads(threads) { self.readApart($0, most: most) }
    for index in 0..<threads {
      guard let reading = take(index) else { continue }
      if index == 0 { whole = reading } else { whole.merge(reading) }
    }
  }

  private func readApart(_ index: Int, most: Int) {
    guard var reading = take(index) else { return }
    var batch = FrameBatch()
    while let taken = next(into: &batch) {
      reading.take(batch, of: taken.interfaces, atMost: taken.frames)
      let size = reading.flowByteCount
      let all = sizes.withLock { sizes in
        sizes[index] = size
        return sizes.reduce(0, +)
      }
      if all > most { break }
    }
    let read = reading
    readings.withLock { $0[index] = read }
  }

  /// Taken out, so that no flow is held twice.
  private func take(_ index: Int) -> CaptureReading? {
    readings.withLock { readings in
      let taken = readings[index]
      readings[index] = nil
      return taken
    }
  }

  // MARK: In order

  /// To the end of the file. Whoever has read a batch waits for its turn before anybody reads the next one.
  private func readInOrder(into whole: inout CaptureReading) {
    let read = Mutex(whole)
    whole = CaptureReading(input, of: options, flowLimit: nil)
    inThreads(2) { _ in
      var batch = FrameBatch()
      while let taken = self.next(into: &batch, beforeOthers: { self.turn.wait() }) {
        read.withLock { $0.take(batch, of: taken.interfaces, atMost: taken.frames) }
        self.turn.signal()
      }
    }
    whole = read.withLock { $0 }
  }

  // MARK: Both

  /// Calls `work` in so many threads, of which this is one, and waits for all of them.
  private func inThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let others = DispatchGroup()
    for index in 1..<max(1, count) {
      others.enter()
      Thread.detachNewThread {
        work(index)
        others.leave()
      }
    }
    work(0)
    others.wait()
  }

  /// Reads the next batch, and calls `beforeOthers` before another thread may read one; `nil` at the end.
  private func next(into batch: inout FrameBatch, beforeOthers: () -> Void = {}) -> Taken? {
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
