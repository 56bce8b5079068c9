import Wire

/// A fault that is known and borne with until a day.
public struct Waiver: Sendable, Hashable {
  /// The id of the check.
  public var check: String
  /// `nil` for every service.
  public var service: ServicePattern?
  /// Why it is borne with.
  public var reason: String
  /// The last day on which it holds.
  public var until: Day

  public init(check: String, service: ServicePattern? = nil, reason: String, until: Day) {
    self.check = check
    self.service = service
    self.reason = reason
    self.until = until
  }
}

/// All waivers, and the day that they are held against: nothing here asks a clock.
public struct Waivers: Sendable {
  private let today: Day
  private let waivers: [Key: [Waiver]]

  /// `nil` is every address.
  private struct Key: Hashable {
    var check: String
    var address: IPAddress?
  }

  public init(_ all: [Waiver], on today: Day) {
    self.today = today
    waivers = Dictionary(grouping: all) { Key(check: $0.check, address: $0.service?.address) }
  }

  /// In no particular order.
  public var all: [Waiver] { waivers.values.flatMap(\.self) }

  var isEmpty: Bool { waivers.isEmpty }

  /// The one that holds longest of those that stand for a check of a service.
  func waiver(of check: String, for service: ServicePattern) -> CheckResult.Waived? {
    let such = [nil, service.address].flatMap { waivers[Key(check: check, address: $0)] ?? [] }
    return such.filter { $0.service?.covers(service) ?? true }.max { $0.until < $1.until }.map {
      CheckResult.Waived(reason: $0.reason, until: $0.until, hasEnded: $0.until < today)
    }
  }
}

extension CheckResult {
  /// The waiver that was found for it.
  public struct Waived: Sendable, Hashable {
    public var reason: String
    public var until: Day
    /// It ended before today, and changes nothing.
    public var hasEnded: Bool

    public init(reason: String, until: Day, hasEnded: Bool) {
      self.reason = reason
      self.until = until
      self.hasEnded = hasEnded
    }
  }
}
