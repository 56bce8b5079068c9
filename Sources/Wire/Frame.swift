/// One captured frame: where its bytes stand in a buffer of many, and what the capture notes beside them.
///
/// There is one for every frame that is read, so it is kept in half a cache line.
public struct Frame: Sendable {
  @usableFromInline let start: Int32
  @usableFromInline let captured: Int32
  @usableFromInline let wire: Int32
  @usableFromInline let source: Int32
  public let time: Timestamp
  /// The number that Wireshark shows: 1 for the first frame of the file, counting those a filter hides.
  public let number: UInt64

  /// Positions and lengths in bytes, which buffers of less than 2 GiB hold; `interface` is counted from 0.
  @inlinable
  public init(
    offset: Int, capturedLength: Int, wireLength: Int, time: Timestamp, interface: Int, number: UInt64
  ) {
    self.init(
      offset: Int32(clamping: offset), capturedLength: Int32(clamping: capturedLength),
      wireLength: Int32(clamping: wireLength), time: time, interface: Int32(clamping: interface), number: number)
  }

  @inlinable
  public init(
    offset: Int32, capturedLength: Int32, wireLength: Int32, time: Timestamp, interface: Int32, number: UInt64
  ) {
    start = offset
    captured = capturedLength
    wire = wireLength
    source = interface
    self.time = time
    self.number = number
  }

  @inlinable public var offset: Int { Int(start) }
  @inlinable public var capturedLength: Int { Int(captured) }
  /// The length of the frame on the wire; at least `capturedLength`.
  @inlinable public var wireLength: Int { Int(wire) }
  /// Which of the capture's interfaces.
  @inlinable public var interface: Int { Int(source) }
}
