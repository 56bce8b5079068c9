public import Wire

/// One of the two directions of a flow: the client's frames, or the server's.
public enum Half: String, Sendable, Hashable { case request, reply }

/// A flow and every link at which its frames were seen.
public struct FlowTrace: Sendable {
  public var flow: Flow
  public var direction: Direction
  /// By capture point, request before reply, first frame first.
  public var links: [LinkTrace]

  public init(flow: Flow, direction: Direction, links: [LinkTrace]) {
    self.flow = flow
    self.direction = direction
    self.links = links
  }

  /// How it is known which end is the client.
  public enum Direction: String, Sendable {
    /// The other end is a service that the user named.
    case named
    /// A SYN or SYN-ACK told, of this flow or of another to the same service; or, for UDP, which side answered.
    case observed
    /// Neither was seen: the end with the lower port is taken for the server.
    case assumed
  }
}

/// What was seen of one half of a flow at one hop.
public struct LinkTrace: Sendable {
  public var half: Half
  public var link: Link
  public var frames: UInt64
  public var firstFrame: UInt64
  public var firstTime: Timestamp
  public var lastTime: Timestamp

  public init(
    half: Half, link: Link, frames: UInt64, firstFrame: UInt64, firstTime: Timestamp, lastTime: Timestamp
  ) {
    self.half = half
    self.link = link
    self.frames = frames
    self.firstFrame = firstFrame
    self.firstTime = firstTime
    self.lastTime = lastTime
  }
}
