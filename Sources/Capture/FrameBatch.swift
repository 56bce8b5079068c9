public import Wire

/// Frames on their way to dissection: their bytes in one buffer, in order, and a record of each. A batch is filled again
/// and again, so that reading allocates nothing per frame.
public struct FrameBatch: Sendable {
  public struct Frame: Sendable {
    /// Where the captured bytes stand in `FrameBatch.bytes`; never past its end.
    public var offset: Int
    public var capturedLength: Int
    /// The length of the frame on the wire in bytes; at least `capturedLength`.
    public var wireLength: Int
    public var time: Timestamp
    /// Which of the reader's interfaces.
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

  public var bytes: [UInt8] = []
  public var frames: [Frame] = []

  public init() {}
}

/// An interface that frames of a capture came from.
public struct CaptureInterface: Sendable, Hashable {
  /// Its name, where the file tells it (pcapng `if_name`).
  public var name: String?
  public var linkType: LinkType
  /// The longest frame that was kept whole, in bytes; 0 for no limit.
  public var snapLength: Int
  /// Frames that were lost before they reached the file, where it tells (pcapng interface statistics).
  public var dropped: UInt64?

  public init(name: String? = nil, linkType: LinkType, snapLength: Int = 0, dropped: UInt64? = nil) {
    self.name = name
    self.linkType = linkType
    self.snapLength = snapLength
    self.dropped = dropped
  }
}
