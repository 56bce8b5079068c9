import Wire

/// Which flows are kept where there is no room for all.
///
/// A flow stays if the keyed hash of one of its ends begins with so many zero bits. What stays depends on the flow alone, so
/// captures, threads and machines that take the same key keep the same flows, and merge.
public struct Sampling: Hashable, Sendable {
  /// Whoever knows it can choose flows that all stay, or none: a site that is flooded takes a key of its own.
  public var key: UInt64
  /// One flow in two to the power of this stays. It never falls.
  public internal(set) var level: Int

  public init(key: UInt64 = 0, level: Int = 0) { (self.key, self.level) = (key, min(max(level, 0), Self.highestLevel)) }

  package static let highestLevel = 32
  /// Of how many links, and how many servers of half-open connections, one flow each is kept whatever the level.
  static let exemplarLimit = 4096

  @inline(__always)
  func keeps(_ key: some FlowKey) -> Bool { rank(key).leadingZeroBitCount >= level }

  /// The hash of the end with the higher port, which is nearly always the client: so the leg on which a balancer translates
  /// the destination stays with its flow.
  func rank(_ key: some FlowKey) -> UInt64 {
    let end = key.lowerPort > key.higherPort ? key.lower : key.higher
    return rank(end)
  }

  /// The place of a flow among all. Flows whose hash is the same, as all of a server with the higher port, are told apart by their
  /// other ends, and not by which came first.
  struct Order: Comparable {
    let rank: UInt64
    let ends: UInt64

    static func < (a: Order, b: Order) -> Bool { (a.rank, a.ends) < (b.rank, b.ends) }
  }

  func order(_ key: some FlowKey) -> Order {
    let ends = mix(rank(key.lower), rank(key.higher) ^ UInt64(key.transport.rawValue))
    return Order(rank: rank(key), ends: ends)
  }

  private func rank(_ end: Endpoint) -> UInt64 {
    let seed = mix(key, 0x2545_f491_4f6c_dd1d)
    return mix(mix(end.address.high ^ seed, end.address.low), seed ^ UInt64(end.port) << 32)
  }
}
