/// What whoever asks may take.
public struct ServingLimits: Sendable {
  /// Connections at once; more are closed as they come.
  public var connections = 64
  /// Of these, those that other hosts leave to this one.
  public var reserved = 8
  /// Of these, those that follow events.
  public var followers = 32
  /// Seconds in which a request is whole, and an answer is taken.
  public var patience = 15
  /// Seconds after which those who follow hear something.
  public var heartbeat = 15
  /// Bytes of a request. As many may come at once.
  public var requestBytes = 131_072
  /// Bytes of all header fields of a request, and of one.
  public var headerBytes = 16_384
  public var headerFields = 64
  /// Bytes that wait to be taken by one who follows; who lets more wait is let go.
  public var waitingBytes = 262_144

  public init() {}
}
