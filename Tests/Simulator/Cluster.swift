extension Scenario {
  /// Two balancers, of which one owns the VIP at a time, or both do.
  public struct Cluster: Sendable {
    /// What tells the network that the other took over.
    public enum Sign: String, Sendable {
      /// Advertisements, and gratuitous ARP by the new master.
      case vrrp
      /// Gratuitous ARP alone.
      case announcement
      /// Nothing but answers to who asks.
      case nothing
    }

    /// Which of the two serve as backends as well.
    public enum Service: String, Sendable {
      case none
      /// The standby, until it takes over, beside other backends.
      case standby
      /// Each serves while the other is master, and there is nobody else.
      case nodes
      /// And the master serves some flows itself.
      case nodesAndLocal = "nodes-and-local"
    }

    public var sign = Sign.vrrp
    public var service = Service.none
    /// Seconds after the beginning.
    public var takesOverAt = 8.0
    /// The first master comes back.
    public var takesBackAt: Double?
    /// The master says that it resigns (priority 0); else it falls silent.
    public var resigns = true
    /// The other takes over while the first goes on.
    public var isSplit = false
    /// The balancers own the VIP by one MAC, which their advertisements and answers come from.
    public var hasVirtualMAC = false

    public init() {}
  }
}

extension Scenario {
  /// When roles change, or a bond's member in use does: nanoseconds after the beginning.
  var changes: [Int] {
    let seconds = [
      cluster?.takesOverAt, cluster?.takesBackAt, bond?.mode == .activeBackup ? bond?.changesAt : nil,
    ]
    return seconds.compactMap { $0.map { Int($0 * 1e9) } }
  }
}

extension Scenario.Cluster: CustomStringConvertible {
  public var description: String {
    var words = [isSplit ? "split at \(takesOverAt) s" : "takeover at \(takesOverAt) s", "sign \(sign.rawValue)"]
    if let takesBackAt { words.append("back at \(takesBackAt) s") }
    if service != .none { words.append("serves \(service.rawValue)") }
    if !isSplit { words.append(resigns ? "resigns" : "falls silent") }
    if hasVirtualMAC { words.append("virtual MAC") }
    return words.joined(separator: " ")
  }
}
