public import Wire

/// Frames on their way to dissection: their bytes in one buffer, which is the block they were read in, and a record of
/// each. A batch is filled again and again, so that reading allocates nothing per frame. No frame reaches past the end
/// of the buffer.
public struct FrameBatch: Sendable {
  /// Only what `frames` point to has a meaning.
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
  /// What the file tells of the host that captured, and of the interface itself (pcapng: hardware, system and program of the
  /// section, MAC of the interface); empty where it does not.
  public var origin = ""
  /// Frames that were lost before they reached the file, where it tells (pcapng interface statistics).
  public var dropped: UInt64?
  /// The filter that it was captured with, an expression as in tcpdump, where the file tells it (pcapng `if_filter`); empty
  /// for one that lets every frame pass.
  public var filter: String?
  /// How many of its frames were written, where the file tells it (pcapng interface statistics): of a file that was thinned
  /// out later they are more than there are.
  public var delivered: UInt64?

  public init(
    name: String? = nil, linkType: LinkType, snapLength: Int = 0, dropped: UInt64? = nil, filter: String? = nil
  ) {
    self.name = name
    self.linkType = linkType
    self.snapLength = snapLength
    self.dropped = dropped
    self.filter = filter
  }
}
