public import Wire

/// RFC 826, for IPv4 over Ethernet.
public struct ARPLayer: PacketLayer {
  public enum Operation: UInt16, Sendable {
    case request = 1
    case reply = 2
  }

  public var operation: Operation
  public var senderMAC: MACAddress
  public var senderIP: IPAddress
  public var targetMAC: MACAddress
  public var targetIP: IPAddress

  public var etherType: UInt16? { EtherType.arp }

  public func encode(around payload: [UInt8], of next: (any PacketLayer)?, within carrier: Carrier?) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append16(1)
    bytes.append16(EtherType.ipv4)
    bytes += [6, 4]
    bytes.append16(operation.rawValue)
    bytes.append(senderMAC)
    bytes.append(senderIP)
    bytes.append(targetMAC)
    bytes.append(targetIP)
    return bytes + payload
  }
}

extension Packet {
  public static func arp(
    _ operation: ARPLayer.Operation, sender: MACAddress, _ senderIP: IPAddress, target: MACAddress,
    _ targetIP: IPAddress
  ) -> Packet {
    Packet(
      ARPLayer(
        operation: operation, senderMAC: sender, senderIP: senderIP, targetMAC: target, targetIP: targetIP))
  }

  /// A whole frame: `asker` with the address `senderIP` asks everybody who has `target`.
  public static func arpRequest(for target: IPAddress, by asker: MACAddress, _ senderIP: IPAddress) -> Packet {
    .ethernet(from: asker, to: .broadcast) / .arp(.request, sender: asker, senderIP, target: MACAddress(0), target)
  }

  /// A whole frame: `owner` tells `asker` that it has `address`.
  public static func arpReply(
    _ address: IPAddress, isAt owner: MACAddress, to asker: MACAddress, _ askerIP: IPAddress
  ) -> Packet {
    .ethernet(from: owner, to: asker) / .arp(.reply, sender: owner, address, target: asker, askerIP)
  }

  /// A whole frame: `owner` tells everybody, unasked, that it has `address`. Systems differ in the form they choose:
  /// RFC 5227 section 3 calls the request an ARP Announcement.
  public static func gratuitousARP(
    _ operation: ARPLayer.Operation, _ address: IPAddress, isAt owner: MACAddress
  ) -> Packet {
    .ethernet(from: owner, to: .broadcast)
      / .arp(
        operation, sender: owner, address, target: operation == .request ? MACAddress(0) : .broadcast, address)
  }
}
