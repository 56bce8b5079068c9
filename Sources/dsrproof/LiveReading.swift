import Capture
import Dispatch
import Platform
import Synchronization

/// Takes frames off the interfaces, in a thread that does nothing else: while they are judged, or written, there is room for
/// more.
///
/// A bounded number of batches goes round between that thread and the run. Where all of them are full the thread waits: what
/// comes then stays in the kernel's buffer, and the kernel counts what it drops.
final class LiveReading: Sendable {
  /// As much as comes in a second of small frames at the rate that one thread takes.
  private let most: Int
  private let batchSize: Int
  /// How long the kernel may keep a frame before it hands it over, and a little more.
  private static let handOver = Duration.milliseconds(150)

  private let interfaces: [LiveInterface]
  private let frameLimit: UInt64
  private let state = Mutex(State())
  private let isEnding = Atomic(false)
  /// Raised for each batch that is full, and once more at the end.
  private let filled = DispatchSemaphore(value: 0)
  private let emptied = DispatchSemaphore(value: 0)

  private struct State {
    var full: [FrameBatch] = []
    var empty: [FrameBatch] = []
    /// How many there are.
    var made = 0
    var lost: String?
    var hasEnded = false
  }

  /// A test takes fewer batches, and smaller ones.
  init(_ interfaces: [LiveInterface], frameLimit: Int, batches: Int = 64, batchSize: Int = 1 << 20) {
    (self.interfaces, self.frameLimit) = (interfaces, UInt64(frameLimit))
    // A frame has room in a batch.
    (most, self.batchSize) = (batches, max(batchSize, interfaces.map(\.snapLength).max() ?? 0))
  }

  func start() {
    do throws(SystemError) {
      try Threads.start { [self] in
        read()
        end(because: nil)
      }
    } catch {
      end(because: "cannot start a thread: \(error)")
    }
  }

  private func end(because reason: String?) {
    state.withLock { state in
      state.lost = state.lost ?? reason
      state.hasEnded = true
    }
    filled.signal()
  }

  /// Why an interface could be read no further; `nil` where none is lost.
  var lost: String? { state.withLock { $0.lost } }

  /// Whoever takes the batches is so far behind that frames may be lost soon.
  var isBehind: Bool { state.withLock { $0.full.count * 4 > most } }

  /// Nothing more will come.
  var hasEnded: Bool { state.withLock { $0.hasEnded && $0.full.isEmpty } }

  /// The next frames, in the order in which they were read; `nil` where none came in a tenth of a second, and at the end.
  func next() -> FrameBatch? {
    guard filled.wait(timeout: .now() + .milliseconds(100)) == .success else { return nil }
    return state.withLock { $0.full.isEmpty ? nil : $0.full.removeFirst() }
  }

  /// Gives back a batch that was taken, to be filled again.
  func giveBack(_ batch: consuming FrameBatch) {
    batch.frames.removeAll(keepingCapacity: true)
    let emptyBatch = batch
    state.withLock { $0.empty.append(emptyBatch) }
    emptied.signal()
  }

  /// Reads what came so far, and no more.
  func end() { isEnding.store(true, ordering: .releasing) }

  // MARK: The thread

  /// What the thread fills.
  private struct Filling {
    var batch = FrameBatch()
    var used = 0
    /// Of the last frame.
    var number: UInt64 = 0
    /// The interface whose turn it is.
    var turn = 0
  }

  private func read() {
    let clock = ContinuousClock()
    var filling = Filling()
    begin(&filling)
    var end: ContinuousClock.Instant?
    while filling.number < frameLimit {
      if let end {
        if clock.now - end >= Self.handOver { break }
      } else if isEnding.load(ordering: .acquiring) || lost != nil {
        // What came before is with the kernel still, for as long as it may keep it: of an interface that went away too.
        end = clock.now
      }
      poll()
      while take(into: &filling) { pass(&filling) }
      if isAwaited { pass(&filling) }
    }
    pass(&filling)
  }

  /// Takes what there is of each interface; `true` where there is no room for more.
  private func take(into filling: inout Filling) -> Bool {
    for _ in interfaces.indices {
      // The next one first, so that none keeps the others waiting.
      filling.turn = (filling.turn + 1) % interfaces.count
      do throws(LiveCaptureError) {
        let hasMore = try interfaces[filling.turn].read(
          into: &filling.batch, filled: &filling.used, interface: filling.turn, number: &filling.number,
          limit: frameLimit)
        if hasMore { return filling.number < frameLimit }
      } catch {
        let reason = "\(error)"
        state.withLock { $0.lost = $0.lost ?? reason }
        // It is said again and again until the end.
        Threads.sleep(for: .milliseconds(5))
      }
    }
    return false
  }

  /// Waits until there are frames, at most a tenth of a second.
  private func poll() {
    var waiting = interfaces.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    _ = unsafe Platform.poll(&waiting, nfds_t(waiting.count), 100)
  }

  /// Whoever takes the batches has none to take.
  private var isAwaited: Bool { state.withLock { $0.full.isEmpty } }

  /// Hands over what was filled, and goes on with an empty batch.
  private func pass(_ filling: inout Filling) {
    guard !filling.batch.frames.isEmpty else { return }
    state.withLock { state in
      state.full.append(filling.batch)
      // Held once, so that nobody copies it.
      filling.batch = FrameBatch()
    }
    filled.signal()
    begin(&filling)
  }

  /// Takes an empty batch. Waits until there is one.
  private func begin(_ filling: inout Filling) {
    filling.used = 0
    while true {
      let isMade = state.withLock { state in
        if let empty = state.empty.popLast() {
          filling.batch = empty
          return true
        }
        guard state.made < most else { return false }
        state.made += 1
        filling.batch.bytes = Array(repeating: 0, count: batchSize)
        return true
      }
      if isMade { return }
      emptied.wait()
    }
  }
}
