import Wire

/// How a station puts a frame on the wire, and who takes it.
extension Network {
  /// A frame leaves `interface`, under the MAC `source` where that is not the one it sends such frames from.
  func emit(
    _ content: SentFrame.Content, at time: Int, from interface: Int, as source: MACAddress? = nil,
    to destination: MACAddress, receiver: Int? = nil, isToGroup: Bool = false
  ) {
    let own = interfaces[interface]
    var mac = source ?? self.source(of: interface, for: content)
    // What is put in between once all has been played.
    if let former = formerMACs[interface], time < former.until, mac == own.mac { mac = former.mac }
    if mac == own.virtualMAC { holders[mac] = interface }
    frames.append(
      SentFrame(
        time: time, segment: own.segment, sender: interface, receiver: receiver,
        senderRole: stations[own.station].role, receiverRole: receiver.map { stations[interfaces[$0].station].role },
        isToGroup: isToGroup, source: mac, destination: destination, content: content))
  }

  /// The MAC that a frame leaves from: a bond chooses a member.
  private func source(of interface: Int, for content: SentFrame.Content) -> MACAddress {
    let own = interfaces[interface]
    guard let bond = own.bond, bond != .activeBackup else { return own.mac }
    let all = [own.mac] + own.members
    switch content {
    case .datagram(let datagram):
      // By the flow; balance-alb moves flows as the load changes.
      return dice.chance(0.05) ? dice.pick(all) : all[(datagram.talk &* 7 &+ interface) % all.count]
    case .question where bond == .balanceALB: return dice.pick(all)
    // The answer in ARP leaves from the member that it tells of; in IPv6 it is a packet as others are.
    case .answer(let address, let owner, _, _):
      if address.version == .v6 { return dice.pick(all) }
      return bond == .balanceALB && all.contains(owner) ? owner : own.mac
    case .question, .announcement, .vrrp, .redirect, .chatter: return own.mac
    }
  }

  /// The MAC that an answer about one of its addresses gives: balance-alb tells one asker this member, another that.
  func told(_ interface: Int, _ address: IPAddress, to asker: Int) -> MACAddress? {
    guard let mac = owns(interface, address) else { return nil }
    let own = interfaces[interface]
    guard own.bond == .balanceALB, address.version == .v4, mac == own.mac else { return mac }
    // The same asker always the same member, until it fails.
    let members = [own.mac] + own.members
    return members[(asker + interface) % members.count]
  }

  /// The interface that takes frames for `mac`; of several, the one that spoke under it last, as a switch learns.
  func interface(on segment: Int, at mac: MACAddress) -> Int? {
    let takers = interfaces.indices.filter { interfaces[$0].segment == segment && interfaces[$0].takes(mac) }
    if takers.count > 1, let holder = holders[mac], takers.contains(holder) { return holder }
    return takers.first
  }
}
