import Capture
import Checks
import Evidence
import Wire

/// What was read of one file or pipe so far.
struct CaptureReading: Sendable {
  let input: CaptureInput
  private let isFiltered: Bool
  private let services: [ServicePattern]
  private var evidence: Evidence
  private let capture: Int
  private var interfaces: [CaptureInterface] = []
  private var lastFrame: UInt64 = 0
  /// How many frames were taken.
  private(set) var frames = 0
  /// Where the record begins in which it breaks off.
  var truncatedAt: UInt64?
  /// Frames of interfaces whose link type is not read.
  private var foreignFrames: UInt64 = 0

  /// `flowLimit`: how many bytes its flows may take.
  init(_ input: CaptureInput, of options: InputOptions, flowLimit: Int?) {
    self.input = input
    isFiltered = options.filter != nil
    services = options.vip
    evidence = Evidence(
      tunnelPorts: options.tunnelPorts, flowLimit: flowLimit, samplingKey: options.memory.samplingKey,
      watched: Set(options.vip.map(\.address)))
    capture = evidence.beginCapture(path: input.path)
  }

  /// Takes up to so many frames of a batch.
  mutating func take(_ batch: FrameBatch, of interfaces: [CaptureInterface], atMost limit: Int = .max) {
    self.interfaces = interfaces
    let count = min(batch.frames.count, limit)
    evidence.observe(
      batch.frames.span.extracting(first: count), in: batch.bytes.span, capture: capture,
      linkTypes: interfaces.map(\.linkType))
    frames += count
    if count > 0 { lastFrame = max(lastFrame, batch.frames[count - 1].number) }
  }

  /// Notes what the reader knows once it has read to the end.
  mutating func end(
    _ interfaces: [CaptureInterface], truncatedAt: UInt64?, foreignFrames: UInt64, skippedLines: UInt64 = 0
  ) {
    evidence.note(skippedLines: skippedLines, capture: capture)
    (self.interfaces, self.truncatedAt, self.foreignFrames) = (interfaces, truncatedAt, foreignFrames)
  }

  /// About how many bytes its flows take.
  var flowByteCount: Int { evidence.flowByteCount }

  var flowCount: Int { evidence.flowCount }

  /// Adds what another thread has read of the same file.
  mutating func merge(_ other: CaptureReading) {
    evidence.merge(other.evidence)
    frames += other.frames
    lastFrame = max(lastFrame, other.lastFrame)
  }

  var part: CapturePart {
    var evidence = evidence
    let drops = interfaces.compactMap(\.dropped)
    // A file that was thinned out after it was written shows less than its filter let pass.
    let delivered = interfaces.map(\.delivered)
    let isWhole =
      !isFiltered && delivered.allSatisfy { $0 != nil } && sum(delivered.map { $0 ?? 0 }) == UInt64(frames)
    evidence.endCapture(
      capture, linkTypes: uniqueInOrder(interfaces.map(\.linkType)), interfaces: interfaces.map { $0.name ?? "" },
      dropped: drops.isEmpty ? nil : sum(drops), truncatedAt: truncatedAt, foreignFrames: foreignFrames)
    var part = CapturePart(
      evidence: evidence, path: input.path, name: input.name, lastFrame: lastFrame,
      interfaces: interfaces.map(CapturePart.Interface.init))
    part.filters = interfaces.map(\.filter)
    part.isWhole = isWhole
    part.note(showsBothDirections: part.hasSight(of: services))
    return part
  }
}

extension CapturePart.Interface {
  init(_ interface: CaptureInterface) {
    self.init(name: interface.name ?? "", origin: interface.origin, linkType: interface.linkType)
  }
}

/// A file may claim whatever fits.
private func sum(_ counts: [UInt64]) -> UInt64 {
  counts.reduce(0) { sum, count in
    let (total, overflow) = sum.addingReportingOverflow(count)
    return overflow ? .max : total
  }
}

func uniqueInOrder(_ types: [LinkType]) -> [LinkType] {
  types.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}
