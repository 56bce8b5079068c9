extension Scenario {
  /// Who has it.
  public enum Holder: String, Sendable, CaseIterable {
    case balancer, backend, client, server
  }

  /// Several network cards that act as one interface.
  public struct Bond: Sendable {
    public enum Mode: String, Sendable, CaseIterable {
      /// One member at a time, whose MAC is the interface's (`fail_over_mac=active`).
      case activeBackup = "active-backup"
      /// IP frames leave from any member under its own MAC; ARP says the first member's. ARP questions leave from any
      /// member too, and answers tell one asker this member, another that.
      case balanceALB = "balance-alb"
      /// IP frames leave from any member under its own MAC; ARP says, and leaves from, the first member's.
      case balanceTLB = "balance-tlb"
    }

    public var mode: Mode
    public var holder: Holder
    public var members = 2
    /// Active-backup: seconds after the beginning at which the other member takes over.
    public var changesAt = 2.0

    public init(mode: Mode, holder: Holder) {
      self.mode = mode
      self.holder = holder
    }
  }

  /// Prefixes of the VIP's network that /24 and /64 do not tell.
  public struct Prefix: Sendable {
    /// IPv4: 9 to 31, IPv6: 65 to 127, or 64.
    public var length: Int
    /// Clients have an address of the VIP's /24 or /64, and stand in another network; else an address of another /24,
    /// and stand on the link.
    public var isOtherNetwork: Bool

    public init(length: Int, isOtherNetwork: Bool) {
      self.length = length
      self.isOtherNetwork = isOtherNetwork
    }
  }

  /// Clients ask a router of their own network for a VIP that is on the link.
  public struct Detour: Sendable {
    /// The router says so by ICMP redirect.
    public var tells: Bool
    /// The client heeds it.
    public var heeds: Bool

    public init(tells: Bool, heeds: Bool) {
      self.tells = tells
      self.heeds = heeds
    }
  }

  /// A server is asked at one MAC and sends from another.
  public enum ServiceMAC: String, Sendable {
    case controller
    /// 52:54:00:12:35:03 is asked, :02 sends.
    case virtualBox = "virtualbox"
  }

  /// How the balancer looks after its backends, again and again.
  public enum Checks: String, Sendable { case ping, tcp }

  /// Whom backends ask.
  public enum Asked: String, Sendable {
    case vip
    /// Another VIP of the same balancer.
    case otherVIP = "other-vip"
    /// A service on the balancer itself.
    case balancer
  }

  /// A card joins segments of one direction before the capture sees them, or cuts them after it did.
  public enum Offload: String, Sendable {
    /// Large frames come in.
    case incoming
    /// Large frames go out.
    case outgoing
  }

  /// One more capture, taken at the same time.
  public struct Companion: Sendable {
    public var vantage: Vantage
    public var stand: Int
    /// Seconds by which its clock is ahead.
    public var clock: Int

    public init(vantage: Vantage, stand: Int, clock: Int) {
      self.vantage = vantage
      self.stand = stand
      self.clock = clock
    }
  }
}
