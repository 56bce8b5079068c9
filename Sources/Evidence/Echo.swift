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
