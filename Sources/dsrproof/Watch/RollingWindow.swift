import Capture
import Checks
import Evidence
import Wire

/// What was captured in the last minute or so, by steps: the oldest goes when a new one begins.
///
/// Each step is a part of one capture, with frames counted from 1, so that nothing grows however long it is watched. Of what
/// goes, the window remembers who owned each address last.
///
/// Classes, as other large values that nobody needs a copy of: else the compiler writes out their copying.
final class RollingWindow {
  /// How many steps it has, and how long one is.
  let steps: Int
  let step: Double

  /// Oldest first; the last one is being filled.
  private var slices: [Slice] = []
  /// Of the steps that are gone.
  private var memory: Evidence?
  /// Stations that own no VIP, whatever they say.
  var backends: Set<MACAddress> = []
  private let makeEvidence: () -> Evidence
  private let name: String
  private var interfaces: [CaptureInterface] = []
  /// How many bytes of frames a step keeps for proofs.
  private let mostKept: Int
  private var begun = 0

  private final class Slice {
    /// What evidence calls it.
    let path: String
    let start: Timestamp
    var evidence: Evidence
    var lastFrame: UInt64 = 0
    var frames: [Frame] = []
    var bytes: [UInt8] = []

    init(path: String, start: Timestamp, evidence: Evidence) {
      (self.path, self.start, self.evidence) = (path, start, evidence)
    }
  }

  /// `length` in seconds. `bytesKept`: of frames in all; 0 keeps none.
  init(
    length: Double, steps: Int, name: String, bytesKept: Int, evidence: @escaping () -> Evidence
  ) {
    (self.steps, step) = (steps, length / Double(steps))
    (self.name, makeEvidence) = (name, evidence)
    mostKept = bytesKept / (steps + 1)
  }

  var isEmpty: Bool { slices.isEmpty }

  /// The time of the last frame.
  private(set) var lastTime: Timestamp?

  /// What the interfaces of frames mean from now on. Others begin a window anew: frames of both cannot be told apart.
  func use(_ interfaces: [CaptureInterface]) {
    let isMore = zip(interfaces, self.interfaces).allSatisfy { $0.name == $1.name && $0.linkType == $1.linkType }
    if !isMore || interfaces.count < self.interfaces.count { (slices, memory) = ([], nil) }
    self.interfaces = interfaces
  }

  /// A frame of this time belongs to a step that has not begun.
  func isOver(at time: Timestamp) -> Bool {
    guard let current = slices.last else { return true }
    let age = time.seconds(since: current.start)
    // A clock that was set back begins anew.
    return age >= step || age < -step * Double(steps)
  }

  /// Begins the step that `time` lies in, and lets go what is older than the window.
  func begin(at time: Timestamp) {
    var evidence = makeEvidence()
    begun += 1
    let path = "\(name)#\(begun)"
    _ = evidence.beginCapture(path: path)
    let sinceLast = slices.last.map { time.seconds(since: $0.start) } ?? 0
    // What a clock says that was set back since is worth nothing.
    if sinceLast < 0 { (slices, memory) = ([], nil) }
    let staying = slices.filter { time.seconds(since: $0.start) < step * (Double(steps) - 0.5) }
    for slice in slices.dropLast(staying.count) { remember(slice) }
    slices = staying
    slices.append(Slice(path: path, start: time, evidence: evidence))
  }

  /// Adds frames to the step that is being filled: `range` of a batch.
  func add(_ range: Range<Int>, of batch: borrowing FrameBatch) {
    guard !slices.isEmpty, !range.isEmpty else { return }
    let index = slices.count - 1
    lastTime = batch.frames[range].last?.time
    let numbered = batch.frames[range].map { frame in
      slices[index].lastFrame += 1
      return frame.numbered(slices[index].lastFrame)
    }
    slices[index].evidence.observe(
      numbered.span, in: batch.bytes.span, capture: 0, linkTypes: interfaces.map(\.linkType))
    for frame in numbered where slices[index].bytes.count + frame.capturedLength <= mostKept {
      slices[index].frames.append(
        Frame(
          offset: slices[index].bytes.count, capturedLength: frame.capturedLength, wireLength: frame.wireLength,
          time: frame.time, interface: frame.interface, number: frame.number))
      slices[index].bytes += batch.bytes[frame.offset..<frame.offset + frame.capturedLength]
    }
  }

  /// Notes what the kernel has counted of the step that is being filled.
  func note(_ counts: CaptureSummary.LiveCounts, showsBothDirections: (Evidence) -> Bool) {
    guard !slices.isEmpty else { return }
    let index = slices.count - 1
    let shows = showsBothDirections(slices[index].evidence)
    slices[index].evidence.endCapture(
      0, linkTypes: uniqueInOrder(interfaces.map(\.linkType)), interfaces: interfaces.map { $0.name ?? "" },
      dropped: counts.droppedByKernel + counts.droppedByInterface, truncatedAt: nil, showsBothDirections: shows,
      live: counts)
  }

  /// What all steps show together, with what is remembered of those that are gone.
  var evidence: Evidence {
    Evidence.united((memory.map { [part(of: $0, memoryPath, lastFrame: 1)] } ?? []) + slices.map(part))
  }

  private var memoryPath: String { "\(name)#0" }

  private func remember(_ slice: Slice) {
    let before = memory.map { [part(of: $0, memoryPath, lastFrame: 1)] } ?? []
    memory = Evidence.united(before + [part(slice)]).remembered(as: memoryPath, besides: backends)
  }

  private func part(_ slice: Slice) -> CapturePart { part(of: slice.evidence, slice.path, lastFrame: slice.lastFrame) }

  private func part(of evidence: Evidence, _ path: String, lastFrame: UInt64) -> CapturePart {
    CapturePart(
      evidence: evidence, path: path, name: name, lastFrame: lastFrame,
      interfaces: interfaces.map(CapturePart.Interface.init))
  }

  /// The frames that `comments` names, by what evidence calls their step and by number, as a capture; `nil` where none of
  /// them was kept.
  func proof(_ comments: FrameComments) -> Proof? {
    var writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
    var proof = Proof(bytes: [], numbers: [:])
    var count: UInt64 = 0
    for slice in slices {
      guard let named = comments[slice.path] else { continue }
      for frame in slice.frames {
        guard let comment = named[frame.number] else { continue }
        writer.add(frame, in: slice.bytes, comments: comment)
        count += 1
        proof.numbers[slice.path, default: [:]][frame.number] = count
      }
    }
    proof.bytes = writer.bytes
    return count > 0 ? proof : nil
  }

  /// A capture of the frames that show something.
  struct Proof {
    var bytes: [UInt8]
    /// Which number each of them has in it, by what evidence calls their step and by number.
    var numbers: [String: [UInt64: UInt64]]
  }
}

extension Frame {
  /// The same under another number.
  func numbered(_ number: UInt64) -> Frame {
    Frame(
      offset: offset, capturedLength: capturedLength, wireLength: wireLength, time: time, interface: interface,
      number: number)
  }
}
