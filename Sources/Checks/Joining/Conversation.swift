import Evidence
import Wire

/// What one capture tells of a flow that only this very conversation bears: of TCP the sequence numbers of both ends, of UDP
/// what its datagrams carry. The same ports are used again, by others too.
struct Conversation {
  /// The numbers that one end of a TCP connection counts its bytes by: its own, and those that the other end acknowledges.
  struct Numbers {
    private(set) var initial: UInt32?
    private(set) var range: ClosedRange<UInt32>?
    /// Two connections begin here, or wrap around.
    private(set) var isSeveral = false

    mutating func begin(at number: UInt32) {
      if let initial, initial != number { isSeveral = true }
      initial = number
    }

    mutating func add(_ low: UInt32, _ high: UInt32) {
      guard low <= high else { return }
      range = range.map { min($0.lowerBound, low)...max($0.upperBound, high) } ?? low...high
    }

    func likeness(to other: Numbers) -> Likeness {
      if let initial, let others = other.initial { return initial == others ? .same : .different }
      guard let range, let others = other.range else { return .unknown }
      if range.overlaps(others) { return .overlapping }
      let gap =
        range.upperBound < others.lowerBound
        ? others.lowerBound - range.upperBound : range.lowerBound - others.upperBound
      return gap < Self.farthest ? .unknown : .different
    }

    /// One capture may have begun where another had ended.
    private static let farthest: UInt32 = 1 << 26
  }

  /// How two captures' numbers of one end compare.
  enum Likeness { case same, overlapping, different, unknown }

  private(set) var client = Numbers()
  private(set) var server = Numbers()
  /// The ports were used for several connections.
  private var isSeveral = false
  private var requested: Set<UInt32> = []
  private var replied: Set<UInt32> = []
  private var datagrams: Set<UInt32> { requested.union(replied) }
  /// Of halves that are nothing but resets: a hash of what a frame bears, both ends' numbers with it.
  private var resets: Set<UInt32> = []
  private let transport: TransportProtocol

  /// It was read from text, which tells some numbers beside others of the same text alone.
  private let isText: Bool

  init(_ transport: TransportProtocol, isText: Bool = false) { (self.transport, self.isText) = (transport, isText) }

  mutating func add(request record: LinkRecord) {
    if transport == .udp { requested.insert(record.fingerprint) }
    guard note(record) else { return }
    if record.kinds.contains(.syn), let initial = record.initialSequence { client.begin(at: initial) }
    client.add(record.sequenceLow, record.sequenceHigh)
    server.add(record.acknowledgmentLow, record.acknowledgmentHigh)
  }

  mutating func add(reply record: LinkRecord) {
    if transport == .udp { replied.insert(record.fingerprint) }
    guard note(record) else { return }
    if record.kinds.contains(.synAck), let initial = record.initialSequence {
      server.begin(at: initial)
      client.begin(at: record.acknowledgmentLow &- 1)
    }
    server.add(record.sequenceLow, record.sequenceHigh)
    client.add(record.acknowledgmentLow, record.acknowledgmentHigh)
  }

  /// Whether the record's numbers count.
  private mutating func note(_ record: LinkRecord) -> Bool {
    if transport == .tcp, record.isResetOnly { resets.insert(record.fingerprint) }
    if !record.kinds.isDisjoint(with: [.severalConnections, .initialSequencesDiffer]) { isSeveral = true }
    if isText, record.hasUntoldFingerprint { return false }
    return transport == .tcp && record.kinds.contains(.notReset)
  }

  /// Both are the same conversation: one end's initial sequence number says so and the other end's numbers do not say
  /// otherwise, or the numbers of both ends overlap. Or the same reset passed both, which bears the numbers too: of a refusal
  /// one capture may show nothing else.
  func isSame(as other: Conversation) -> Bool {
    if transport == .udp { return !datagrams.isDisjoint(with: other.datagrams) }
    guard isSingle, other.isSingle else { return false }
    switch (client.likeness(to: other.client), server.likeness(to: other.server)) {
    case (.different, _), (_, .different): return false
    case (.same, _), (_, .same), (.overlapping, .overlapping): return true
    default: return !resets.isDisjoint(with: other.resets)
    }
  }

  /// The numbers of one end say that it is another one: of UDP, that neither half carries what the other's carries.
  func isAnother(than other: Conversation) -> Bool {
    if transport == .udp {
      return !requested.isEmpty && !other.requested.isEmpty && !replied.isEmpty && !other.replied.isEmpty
        && datagrams.isDisjoint(with: other.datagrams)
    }
    guard isSingle, other.isSingle else { return false }
    return client.likeness(to: other.client) == .different || server.likeness(to: other.server) == .different
  }

  /// The numbers of both ends say so: enough where the addresses differ.
  func isSameByBothEnds(as other: Conversation) -> Bool {
    guard transport == .tcp, isSingle, other.isSingle, client.likeness(to: other.client) == .same else { return false }
    let likeness = server.likeness(to: other.server)
    return likeness == .same || likeness == .overlapping
  }

  private var isSingle: Bool { !isSeveral && !client.isSeveral && !server.isSeveral }
}
