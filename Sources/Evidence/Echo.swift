public import Wire

/// One host pinging another, or answering: the two talk to each other, as a balancer's health check does.
public struct Echo: Hashable, Sendable {
  /// Index in `Evidence.points`.
  public var point: Int
  public var source: MACAddress?
  public var destination: MACAddress?
  public var from: IPAddress
  public var to: IPAddress
  public var isReply: Bool

  public init(
    point: Int, source: MACAddress?, destination: MACAddress?, from: IPAddress, to: IPAddress, isReply: Bool
  ) {
    self.point = point
    self.source = source
    self.destination = destination
    self.from = from
    self.to = to
    self.isReply = isReply
  }
}

extension Echo {
  /// `nil` where the frame does not tell that two hosts talk: it goes to a group, or through a tunnel, whose ends the
  /// MACs belong to.
  init?(_ frame: borrowing Dissection, isReply: Bool, point: Int) {
    guard let network = frame.network, !frame.encapsulation.wrapsPacket, !network.destination.isMulticastOrBroadcast,
      !network.source.isUnspecified, frame.destination?.isUnicast != false
    else { return nil }
    self.init(
      point: point, source: frame.source, destination: frame.destination, from: network.source,
      to: network.destination, isReply: isReply)
  }
}

/// Echoes and their tallies, of which a bounded number is kept: those that come first by a hash of what they are, wherever
/// they were seen.
///
/// Which these are depends on the echoes alone. One that is among the first of a whole is among the first of every part
/// that it is in, so parts have all there is to know of it, and merge in any order.
struct EchoSample: Sendable {
  /// How many are kept, those of several capture points counted once.
  static let limit = 4096

  private(set) var tallies: [Echo: Tally] = [:]
  /// Nothing beyond is among the first any more.
  private var bound: Rank?
  private var hasGrown = false

  /// May leave more than the limit, until `settle`.
  mutating func add(_ tally: Tally, of echo: Echo) {
    if tallies[echo]?.merge(tally) != nil { return }
    if let bound, bound < Rank(echo) { return }
    tallies[echo] = tally
    hasGrown = true
  }

  /// Drops what is beyond the limit.
  mutating func settle() {
    guard hasGrown else { return }
    hasGrown = false
    guard tallies.count > Self.limit else { return }
    let ranks = Set(tallies.keys.map(Rank.init)).sorted()
    guard ranks.count > Self.limit else { return }
    let last = ranks[Self.limit - 1]
    bound = last
    tallies = tallies.filter { !(last < Rank($0.key)) }
  }

  mutating func merge(_ other: EchoSample, points: [Int], behind earlierFrames: UInt64) {
    for (var echo, tally) in other.tallies {
      echo.point = points[echo.point]
      add(tally.behind(earlierFrames), of: echo)
    }
    settle()
  }

  /// Gives every echo's capture point the number that `numbers` has for it.
  mutating func renumberPoints(_ numbers: [Int]) {
    let before = tallies
    tallies = [:]
    for (var echo, tally) in before {
      echo.point = numbers[echo.point]
      tallies[echo] = tally
    }
  }

  /// The place of an echo among all, whatever point it was seen at. The hash is the same everywhere and always; the rest
  /// keeps those apart that somebody crafted to have the same one.
  private struct Rank: Hashable, Comparable {
    let hash: UInt64
    let echo: Echo

    init(_ echo: Echo) {
      self.echo = Echo(
        point: 0, source: echo.source, destination: echo.destination, from: echo.from, to: echo.to,
        isReply: echo.isReply)
      let (from, to) = (mix(echo.from.high, echo.from.low), mix(echo.to.high, echo.to.low))
      let macs = mix(Self.number(echo.source), Self.number(echo.destination))
      hash = mix(mix(from, to), macs ^ (echo.isReply ? 1 : 0))
    }

    /// More than any MAC for none.
    private static func number(_ mac: MACAddress?) -> UInt64 { mac?.rawValue ?? .max }

    static func < (a: Rank, b: Rank) -> Bool {
      if a.hash != b.hash { return a.hash < b.hash }
      let (one, other) = (a.echo, b.echo)
      if one.from != other.from { return one.from < other.from }
      if one.to != other.to { return one.to < other.to }
      return (number(one.source), number(one.destination), one.isReply ? 1 : 0)
        < (number(other.source), number(other.destination), other.isReply ? 1 : 0)
    }
  }
}
