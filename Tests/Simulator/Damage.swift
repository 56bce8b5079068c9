/// What a capture loses or adds of the frames that pass it, and how it writes them.
public struct Damage: Sendable, CustomStringConvertible {
  public enum Direction: String, Sendable { case both, requests, replies }
  public enum Link: String, Sendable { case ethernet, sll, sll2 }
  public enum Filter: String, Sendable {
    case none
    /// `host VIP`
    case host
    /// `host VIP or arp`, and `or icmp6` for IPv6
    case hostOrARP = "host-or-arp"
  }

  /// The share of frames that it misses.
  public var loss = 0.0
  /// The share of frames that it holds twice.
  public var duplicates = 0.0
  public var reorders = false
  /// The most bytes it keeps of a frame; 0 for all.
  public var snapLength = 0
  /// Seconds after the first frame at which it begins.
  public var startsAt = 0.0
  public var direction = Direction.both
  public var filter = Filter.none
  public var hasTags = false
  public var link = Link.ethernet

  public init() {}

  /// Nothing is lost or cut, so that the capture holds each frame which passed it.
  public var isClean: Bool {
    loss == 0 && snapLength == 0 && startsAt == 0 && direction == .both && link == .ethernet
  }

  public var description: String {
    let flags: [(Bool, String)] = [
      (loss > 0, "loses \(Int(loss * 100)) %"), (duplicates > 0, "doubles \(Int(duplicates * 100)) %"),
      (reorders, "reorders"), (snapLength > 0, "snap \(snapLength)"), (startsAt > 0, "starts at \(Int(startsAt)) s"),
      (direction != .both, "\(direction.rawValue) only"), (filter != .none, "filter \(filter.rawValue)"),
      (hasTags, "tagged"),
      (link != .ethernet, link.rawValue),
    ]
    let words = flags.filter(\.0).map(\.1)
    return words.isEmpty ? "whole" : words.joined(separator: ", ")
  }
}
