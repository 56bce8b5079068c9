/// One captured frame: where its bytes stand in a buffer of many, and what the capture notes beside them.
public struct Frame: Sendable {
  public var offset: Int
  public var capturedLength: Int
  /// The length of the frame on the wire in bytes; at least `capturedLength`.
  public var wireLength: Int
  public var time: Timestamp
  /// Which of the capture's interfaces, counted from 0.
  public var interface: Int
  /// The number that Wireshark shows: 1 for the first frame of the file, counting those a filter hides.
  public var number: UInt64

  public init(
    offset: Int, capturedLength: Int, wireLength: Int, time: Timestamp, interface: Int, number: UInt64
  ) {
    self.offset = offset
    self.capturedLength = capturedLength
    self.wireLength = wireLength
    self.time = time
    self.interface = interface
    self.number = number
  }
}
