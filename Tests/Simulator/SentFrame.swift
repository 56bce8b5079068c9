import Evidence
import PacketBuilder
import Wire

/// A frame that crossed a segment, and who sent it to whom in truth.
struct SentFrame {
  enum Content {
    case datagram(Datagram)
    /// Who has `address`? `owner` has `sender`.
    case question(address: IPAddress, sender: IPAddress, owner: MACAddress)
    /// `owner` tells who asked that it has `address`.
    case answer(address: IPAddress, owner: MACAddress, receiver: MACAddress, receiverAddress: IPAddress)
    case announcement(address: IPAddress, owner: MACAddress, isReply: Bool)
    case vrrp(address: IPAddress, group: UInt8, sender: IPAddress, priority: UInt8)
    /// A router tells the sender of a packet that `destination` is on its own link.
    case redirect(about: Datagram, destination: IPAddress, router: IPAddress)
    /// A multicast that has nothing to do with any of it.
    case chatter(sender: IPAddress)
  }

  /// Nanoseconds since the network began.
  var time: Int
  var segment: Int
  var sender: Int
  /// The interface that took it in; `nil` for a group's frame, and for one that was lost.
  var receiver: Int?
  /// What sender and receiver were when it was sent.
  var senderRole: Station.Role
  var receiverRole: Station.Role?
  var isToGroup: Bool
  var source: MACAddress
  var destination: MACAddress
  var content: Content

  var datagram: Datagram? {
    if case .datagram(let datagram) = content { return datagram }
    return nil
  }

  /// All that comes after the link layer.
  var packet: Packet {
    switch content {
    case .datagram(let datagram): return datagram.packet
    case .question(let address, let sender, let owner):
      guard address.version == .v6 else {
        return .arp(.request, sender: owner, sender, target: isToGroup ? MACAddress(0) : destination, address)
      }
      let target = isToGroup ? address.solicitedNodeMulticast : address
      return .ipv6(from: sender, to: target, hopLimit: 255) / .neighborSolicitation(for: address, sourceMAC: owner)
    case .answer(let address, let owner, let receiver, let receiverAddress):
      guard address.version == .v6 else {
        return .arp(.reply, sender: owner, address, target: receiver, receiverAddress)
      }
      return .ipv6(from: address, to: receiverAddress, hopLimit: 255)
        / .neighborAdvertisement(of: address, isAt: owner)
    case .announcement(let address, let owner, let isReply):
      guard address.version == .v6 else {
        return .arp(
          isReply ? .reply : .request, sender: owner, address, target: isReply ? .broadcast : MACAddress(0), address)
      }
      let allNodes = IPAddress(v6High: 0xff02_0000_0000_0000, low: 1)
      return .ipv6(from: address, to: allNodes, hopLimit: 255)
        / .neighborAdvertisement(of: address, isAt: owner, solicited: false)
    case .vrrp(let address, let group, let sender, let priority):
      let all =
        sender.version == .v4 ? IPAddress(v4: 0xe000_0012) : IPAddress(v6High: 0xff02_0000_0000_0000, low: 0x12)
      return .ip(from: sender, to: all, ttl: 255)
        / .vrrp(virtualRouter: group, priority: priority, addresses: [address])
    case .redirect(let datagram, let destination, let router): return Self.redirect(datagram, destination, router)
    case .chatter(let sender):
      guard sender.version == .v6 else {
        return .ip(from: sender, to: IPAddress(v4: 0xe000_0016), ttl: 1)
          / .payload([0x22, 0, 0xf9, 2, 0, 0, 0, 0], as: 2)
      }
      let routers = IPAddress(v6High: 0xff02_0000_0000_0000, low: 2)
      return .ipv6(from: sender, to: routers, hopLimit: 255) / .icmpv6(type: 133, contents: [])
    }
  }

  /// RFC 792, and RFC 4861 section 4.5: the destination is its own next hop.
  private static func redirect(_ datagram: Datagram, _ destination: IPAddress, _ router: IPAddress) -> Packet {
    guard destination.version == .v6 else {
      return .ip(from: router, to: datagram.source.address, ttl: 64)
        / .icmpRedirect(to: destination, quoting: datagram.packet)
    }
    return .ipv6(from: router, to: datagram.source.address, hopLimit: 255)
      / .icmpv6(type: 137, contents: destination.octets + destination.octets)
  }

  /// Addresses that a filter for a host compares.
  var addresses: [IPAddress] {
    switch content {
    case .datagram(let datagram):
      datagram.tunnel.map { [$0.source, $0.destination] } ?? [datagram.source.address, datagram.destination.address]
    case .question(let address, let sender, _):
      address.version == .v4 || !isToGroup ? [address, sender] : [sender]
    case .answer(let address, _, _, let receiver): [address, receiver]
    case .announcement(let address, _, _): [address]
    case .vrrp(_, _, let sender, _), .chatter(let sender): [sender]
    case .redirect(let datagram, _, let router): [router, datagram.source.address]
    }
  }

  /// Whether it is ARP or neighbour discovery.
  var resolvesAddress: Bool {
    switch content {
    case .question, .answer, .announcement: true
    // ICMPv6, as all of neighbour discovery.
    case .redirect(_, let destination, _): destination.version == .v6
    case .datagram, .vrrp, .chatter: false
    }
  }

  /// How much of it has to be captured for it to say what it says, link layer apart.
  var neededLength: Int {
    switch content {
    case .datagram(let datagram): datagram.headerLength
    case .question(let address, _, _), .answer(let address, _, _, _), .announcement(let address, _, _):
      address.version == .v4 ? 28 : 72
    case .redirect(_, let destination, _): destination.version == .v4 ? 56 : 80
    case .vrrp(let address, _, _, _): address.version == .v4 ? 32 : 64
    case .chatter(let sender): sender.version == .v4 ? 20 : 48
    }
  }
}
