import Capture
import Evidence
import Wire

/// Where the frames that are watched come from.
protocol FrameSource {
  /// What it is called in reports.
  var name: String { get }
  /// What the frames' numbers of interfaces mean, as far as it was read.
  var interfaces: [CaptureInterface] { get }
  /// What the kernel has counted since the beginning; `nil` where no kernel counts.
  var counts: CaptureSummary.LiveCounts? { get }
  /// Frames bear the time of this host's clock, which goes on while none comes.
  var isLive: Bool { get }
  /// `next` comes back soon, whether there are frames or not.
  var hearsSignals: Bool { get }
  /// Frames may be lost soon if nobody takes them.
  var isBehind: Bool { get }
  /// No more frames will come.
  var hasEnded: Bool { get }

  /// The next frames; `nil` where none came for a tenth of a second or so, and at the end.
  mutating func next() throws(Failure) -> FrameBatch?
  /// Takes back a batch that was handed out.
  mutating func giveBack(_ batch: consuming FrameBatch)
  /// Hands out what came so far, and no more.
  func end()
}

extension FrameSource {
  func end() {}
}

/// Frames of interfaces of this host.
struct LiveFrames: FrameSource {
  private let taken: [LiveInterface]
  private let reading: LiveReading
  let name: String
  let interfaces: [CaptureInterface]

  /// The interfaces are open, and what that needed is given up.
  init(_ taken: [LiveInterface]) {
    self.taken = taken
    name = taken.map(\.name).joined(separator: ",")
    interfaces = taken.descriptions
    reading = LiveReading(taken, frameLimit: .max)
    reading.start()
  }

  var counts: CaptureSummary.LiveCounts? { taken.counts(lost: reading.lost) }

  let isLive = true
  let hearsSignals = true
  var isBehind: Bool { reading.isBehind }
  var hasEnded: Bool { reading.hasEnded }

  func next() throws(Failure) -> FrameBatch? { reading.next() }
  func giveBack(_ batch: consuming FrameBatch) { reading.giveBack(batch) }

  func end() { reading.end() }
}

/// Frames of one capture, as it is written: standard input, a pipe or a file. A class, for its reader is nobody else's.
final class PipedFrames: FrameSource {
  let name: String
  private let path: String
  private let filter: String?
  private var reader: CaptureReader?
  private var batch = FrameBatch()
  private(set) var hasEnded = false

  init(_ input: CaptureInput, filter: String?) {
    (name, path, self.filter) = (input.name ?? input.path, input.path, filter)
  }

  var interfaces: [CaptureInterface] { reader?.interfaces ?? [] }
  let counts: CaptureSummary.LiveCounts? = nil
  let isLive = false
  let hearsSignals = false
  let isBehind = false

  /// Reads its head, which whoever writes it may not have written yet.
  func open() throws(Failure) {
    do throws(CaptureError) {
      reader = try CaptureReader(path: path, filter: filter)
    } catch {
      throw Failure(error)
    }
  }

  func next() throws(Failure) -> FrameBatch? {
    if reader == nil { try open() }
    do throws(CaptureError) {
      var filled = FrameBatch()
      swap(&filled, &batch)
      guard try reader?.read(into: &filled) ?? false else {
        hasEnded = true
        return nil
      }
      return filled
    } catch {
      throw Failure(error)
    }
  }

  func giveBack(_ batch: consuming FrameBatch) { self.batch = batch }
}
