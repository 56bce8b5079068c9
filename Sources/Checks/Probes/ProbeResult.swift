public import Evidence
public import Wire

/// A connection, or a datagram, to the VIP that was made while it was captured.
public struct ProbeResult: Sendable {
  public var service: ServicePattern
  /// The own end; `nil` where it came to none.
  public var client: Endpoint?
  /// `connected`, `HTTP 200`, `answered`; `nil` where it failed.
  public var status: String?
  /// Why it failed.
  public var failure: String?
  /// Seconds until it was connected, or answered.
  public var latency: Double?
  /// The MACs that its replies came from, as they were captured.
  public var answeredBy: [MACAddress] = []
  /// What its own frames show, where it failed; `nil` where it was answered, or came to no end of its own.
  public var sight: Sight?

  public var hasFailed: Bool { status == nil }

  public init(service: ServicePattern) { self.service = service }

  /// What the frames of a probe that failed show of it.
  public enum Sight: Sendable, Hashable {
    /// None of them was captured.
    case unseen
    /// So many requests, and nothing came back.
    case unanswered(requests: Int, to: MACAddress?)
    /// A reset answered the request to connect.
    case refused(by: MACAddress?)
    /// An ICMP error about it came.
    case unreachable(saidBy: IPAddress)
    /// The answer bears another address than the VIP.
    case answeredElsewhere(from: Endpoint)
    /// The connection was answered, and what was sent in it never acknowledged.
    case stalled(by: MACAddress?)
    /// The connection was answered, and reset later.
    case reset(by: MACAddress?)
    /// An answer came.
    case answered(by: MACAddress?)
  }
}
