import PacketBuilder
import Wire

/// How stations learn each other's MAC: RFC 826 and RFC 4861.
extension Network {
  /// A claim that another than the VIP's owner made.
  enum Misclaim: Hashable { case answer, sender }

  /// The MAC that `interface` sends to for `address`, asked for where it is not known; `nil` where nobody answers.
  /// `sender` is the address that the packet at hand comes from.
  func resolve(_ address: IPAddress, on interface: Int, sending sender: IPAddress, _ time: inout Int) -> MACAddress? {
    let key = Neighbour(interface: interface, address: address)
    let segment = interfaces[interface].segment
    let owners = interfaces.indices.filter {
      interfaces[$0].segment == segment && $0 != interface && owns($0, address) != nil
    }
    if let known = neighbours[key] {
      if scenario.reprobes, dice.chance(0.05) { probe(address, at: known, from: interface, owners, &time) }
      return neighbours[key]
    }
    let isKnown = scenario.neighbours == .known || scenario.neighbours == .mixed && dice.chance(0.5)
    if isKnown, !owners.isEmpty {
      neighbours[key] = owns(dice.pick(owners), address)
      return neighbours[key]
    }
    ask(address, from: interface, sending: sender, &time)
    // Where several answer, it is chance who is heard last.
    for owner in dice.chance(0.5) ? owners : owners.reversed() {
      answer(address, from: owner, to: interface, askedBy: questionAddress(interface, sender), time)
    }
    time += 300_000
    return neighbours[key]
  }

  /// The address that a station asks with.
  private func questionAddress(_ interface: Int, _ sender: IPAddress) -> IPAddress {
    let own = interfaces[interface]
    if stations[own.station].fault == .asksAsVIP, sender == vip { return vip }
    if own.address.version == .v4 || sender == own.address { return own.address }
    // Linux asks with its link-local address where the packet's source is not the interface's own (ndisc_solicit).
    return IPAddress(v6High: 0xfe80_0000_0000_0000, low: own.mac.rawValue)
  }

  private func ask(_ address: IPAddress, from interface: Int, sending sender: IPAddress, _ time: inout Int) {
    let own = interfaces[interface]
    let asker = questionAddress(interface, sender)
    time += 5000
    frames.append(
      SentFrame(
        time: time, segment: own.segment, sender: interface, receiver: nil, isToGroup: true, source: own.mac,
        destination: own.address.version == .v4 ? .broadcast : address.solicitedNodeMulticast.multicastMAC,
        content: .question(address: address, sender: asker)))
    for other in interfaces.indices where interfaces[other].segment == own.segment && other != interface {
      let key = Neighbour(interface: other, address: asker)
      // Who is asked learns who asks; the rest amend what they know (RFC 826), Linux not within a second of the last
      // change.
      let isAsked = owns(other, address) != nil
      let amends = neighbours[key] != nil && own.address.version == .v4 && dice.chance(0.6)
      if asker == vip, stations[interfaces[other].station].role == .balancer { continue }
      if isAsked || amends { neighbours[key] = own.mac }
    }
    if asker == vip {
      misclaims.insert(.sender)
      defend(time)
    }
  }

  /// The owner of an address that another uses may claim it again (RFC 5227 section 2.4).
  private func defend(_ time: Int) {
    guard dice.chance(0.3), let balancer else { return }
    announce(stations[balancer].interfaces[0], at: time + 50_000)
  }

  private func answer(
    _ address: IPAddress, from owner: Int, to interface: Int, askedBy asker: IPAddress, _ time: Int
  ) {
    guard let mac = owns(owner, address) else { return }
    let own = interfaces[interface]
    frames.append(
      SentFrame(
        time: time + dice.number(20_000...200_000), segment: own.segment, sender: owner, receiver: interface,
        isToGroup: false, source: interfaces[owner].mac, destination: own.mac,
        content: .answer(address: address, owner: mac, receiver: own.mac, receiverAddress: asker)))
    neighbours[Neighbour(interface: interface, address: address)] = mac
    let role = stations[interfaces[owner].station].role
    if address == vip, role == .backend { misclaims.insert(.answer) }
  }

  /// A question to the one who is known, to see whether it is still there.
  private func probe(
    _ address: IPAddress, at known: MACAddress, from interface: Int, _ owners: [Int], _ time: inout Int
  ) {
    let own = interfaces[interface]
    guard let asked = self.interface(on: own.segment, at: known) else { return }
    time += 5000
    frames.append(
      SentFrame(
        time: time, segment: own.segment, sender: interface, receiver: asked, isToGroup: false, source: own.mac,
        destination: known, content: .question(address: address, sender: own.address)))
    if owners.contains(asked) { answer(address, from: asked, to: interface, askedBy: own.address, time) }
    time += 300_000
  }

  /// The owner of shared addresses says that it has them.
  func announce(_ interface: Int, at time: Int) {
    let own = interfaces[interface]
    for address in own.shared {
      let mac = own.virtualMAC ?? own.mac
      // keepalived and MetalLB send both forms; most send the request.
      for isReply in dice.pick([[false], [false], [true], [false, true]]) {
        frames.append(
          SentFrame(
            time: time + (isReply ? 20_000 : 0), segment: own.segment, sender: interface, receiver: nil,
            isToGroup: true, source: own.mac,
            destination: own.address.version == .v4
              ? .broadcast : IPAddress(v6High: 0xff02_0000_0000_0000, low: 1).multicastMAC,
            content: .announcement(address: address, owner: mac, isReply: isReply)))
      }
      for other in interfaces.indices where interfaces[other].segment == own.segment && other != interface {
        let key = Neighbour(interface: other, address: address)
        if neighbours[key] != nil { neighbours[key] = mac }
      }
    }
  }
}
