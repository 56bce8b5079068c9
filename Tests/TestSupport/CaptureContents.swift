import Capture
public import Evidence
public import Wire

/// A whole capture in memory, to be observed frame by frame in any order.
public struct CaptureContents: Sendable {
  public var path: String
  /// All of their bytes stand in `bytes`.
  public var frames: [Frame] = []
  public var bytes: [UInt8] = []
  public var linkTypes: [LinkType] = []
  public var interfaces: [String] = []
  public var dropped: UInt64?
  public var truncatedAt: UInt64?

  public init(path: String) throws {
    self.path = path
    var reader = try CaptureReader(path: path)
    var batch = FrameBatch()
    while try reader.read(into: &batch) {
      for frame in batch.frames {
        frames.append(
          Frame(
            offset: bytes.count, capturedLength: frame.capturedLength, wireLength: frame.wireLength, time: frame.time,
            interface: frame.interface, number: frame.number))
        bytes += batch.bytes[frame.offset..<frame.offset + frame.capturedLength]
      }
    }
    linkTypes = reader.interfaces.map(\.linkType)
    interfaces = reader.interfaces.map { $0.name ?? "" }
    // A file may claim whatever fits.
    dropped = reader.interfaces.compactMap(\.dropped).reduce(nil) { sum, count in
      let (total, overflow) = (sum ?? 0).addingReportingOverflow(count)
      return overflow ? .max : total
    }
    truncatedAt = reader.truncatedAt
  }

  /// A capture that no file holds.
  public init(path: String, frames: [(interface: Int, time: Timestamp, bytes: [UInt8])], linkTypes: [LinkType]) {
    self.path = path
    self.linkTypes = linkTypes
    interfaces = linkTypes.map { _ in "" }
    for (index, frame) in frames.enumerated() {
      self.frames.append(
        Frame(
          offset: bytes.count, capturedLength: frame.bytes.count, wireLength: frame.bytes.count, time: frame.time,
          interface: frame.interface, number: UInt64(index + 1)))
      bytes += frame.bytes
    }
  }

  /// Adds some of the frames to `evidence`.
  public func observe(_ some: [Frame], into evidence: inout Evidence) {
    let capture = evidence.beginCapture(path: path)
    evidence.observe(some.span, in: bytes.span, capture: capture, linkTypes: linkTypes)
  }

  /// Adds what is known at the end.
  public func end(in evidence: inout Evidence) {
    let capture = evidence.beginCapture(path: path)
    evidence.endCapture(
      capture, linkTypes: linkTypes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
      interfaces: interfaces, dropped: dropped, truncatedAt: truncatedAt)
  }

  /// The evidence of all of it, as a single pass gives it.
  public var evidence: Evidence {
    var evidence = Evidence()
    observe(frames, into: &evidence)
    end(in: &evidence)
    return evidence
  }
}
