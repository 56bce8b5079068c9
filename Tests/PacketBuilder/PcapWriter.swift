public import Wire

/// A frame and the moment it was seen.
public struct TimedFrame: Sendable {
  public var time: Timestamp
  public var bytes: [UInt8]
  /// Its length on the wire, where the capture shall tell another than that of the bytes.
  public var wireLength: Int?

  public init(_ bytes: [UInt8], at time: Timestamp, wireLength: Int? = nil) {
    self.bytes = bytes
    self.time = time
    self.wireLength = wireLength
  }

  public init(_ packet: Packet, at time: Timestamp) { self.init(packet.bytes, at: time) }
}

/// Writes a capture file: draft-ietf-opsawg-pcap.
public struct PcapWriter: Sendable {
  public enum Precision: Sendable { case microseconds, nanoseconds }
  public enum ByteOrder: Sendable { case littleEndian, bigEndian }

  public private(set) var bytes: [UInt8] = []
  public let precision: Precision
  public let byteOrder: ByteOrder
  public let snapLength: Int

  public init(
    linkType: LinkType = .ethernet, precision: Precision = .microseconds, byteOrder: ByteOrder = .littleEndian,
    snapLength: Int = 262_144
  ) {
    self.init(
      linkTypeNumber: UInt32(linkType.rawValue), precision: precision, byteOrder: byteOrder, snapLength: snapLength)
  }

  /// Takes any number as the link type, known or not.
  public init(
    linkTypeNumber: UInt32, precision: Precision = .microseconds, byteOrder: ByteOrder = .littleEndian,
    snapLength: Int = 262_144
  ) {
    self.precision = precision
    self.byteOrder = byteOrder
    self.snapLength = snapLength
    append(precision == .microseconds ? 0xa1b2_c3d4 : 0xa1b2_3c4d)
    // Version 2.4: two 16-bit numbers.
    append(byteOrder == .littleEndian ? 4 << 16 | 2 : 2 << 16 | 4)
    append(0)
    append(0)
    append(UInt32(snapLength))
    append(linkTypeNumber)
  }

  public mutating func write(_ frame: TimedFrame) {
    let captured = frame.bytes.prefix(snapLength)
    append(frame.time.seconds)
    append(precision == .microseconds ? frame.time.nanoseconds / 1000 : frame.time.nanoseconds)
    append(UInt32(captured.count))
    append(UInt32(frame.wireLength ?? frame.bytes.count))
    bytes += captured
  }

  public mutating func write(_ packet: Packet, at time: Timestamp) { write(TimedFrame(packet, at: time)) }

  /// In the order of their times; frames of the same time keep their order.
  public mutating func write(_ frames: [TimedFrame]) {
    let sorted = frames.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    for (_, frame) in sorted { write(frame) }
  }

  private mutating func append(_ value: UInt32) {
    bytes.append32(byteOrder == .bigEndian ? value : value.byteSwapped)
  }
}

extension Timestamp {
  public static func + (time: Timestamp, duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    return Timestamp(
      seconds: time.seconds + UInt32(seconds), nanoseconds: time.nanoseconds + UInt32(attoseconds / 1_000_000_000))
  }
}
