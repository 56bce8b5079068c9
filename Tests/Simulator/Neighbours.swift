import PacketBuilder
import Wire

/// How stations learn each other's MAC: RFC 826 and RFC 4861.
extension Network {
  /// A claim that another than the VIP's owner made.
  enum Misclaim: Hashable { case answer, announcement, sender }

  /// The MAC that `interface` sends to for `address`, asked for where it is not known; `nil` where nobody answers.
  /// `sender` is the address that the packet at hand comes from.
  func resolve(_ address: IPAddress, on interface: Int, sending sender: IPAddress, _ time: inout Int) -> MACAddress? {
    let key = Neighbour(interface: interface, address: address)
    let segment = interfaces[interface].segment
    if let fabric = fabric(on: segment) { return resolve(address, through: fabric, on: interface, key, &time) }
    let owners = interfaces.indices.filter {
      interfaces[$0].segment == segment && $0 != interface && owns($0, address) != nil
    }
    if let known = neighbours[key] {
      if scenario.reprobes, dice.chance(0.05) { probe(address, at: known, from: interface, owners, &time) }
      return neighbours[key]
    }
    let isKnown = scenario.neighbours == .known || scenario.neighbours == .mixed && dice.chance(0.5)
    // Nobody learns without a frame that another took over in silence.
    let isMoved = address == vip && hasChangedSilently
    if isKnown, !isMoved, !owners.isEmpty {
      neighbours[key] = told(dice.pick(owners), address, to: key.interface)
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

  /// Whatever stands between hosts answers for all of them, to who asks alone.
  private func resolve(
    _ address: IPAddress, through fabric: Int, on interface: Int, _ key: Neighbour, _ time: inout Int
  ) -> MACAddress? {
    if let known = neighbours[key] { return known }
    guard interfaces.indices.contains(where: { owns($0, address) != nil && $0 != interface }) else { return nil }
    neighbours[key] = Network.fabricMAC
    if scenario.neighbours == .known || scenario.neighbours == .mixed && dice.chance(0.5) { return Network.fabricMAC }
    let own = interfaces[interface]
    let question = SentFrame.Content.question(address: address, sender: own.address, owner: own.mac)
    emit(question, at: time + 5000, from: interface, to: groupMAC(of: address), isToGroup: true)
    let answer = SentFrame.Content.answer(
      address: address, owner: Network.fabricMAC, receiver: own.mac, receiverAddress: own.address)
    emit(answer, at: time + 105_000, from: fabric, to: own.mac, receiver: interface)
    time += 300_000
    return Network.fabricMAC
  }

  /// Where a question for `address` is sent.
  private func groupMAC(of address: IPAddress) -> MACAddress {
    address.version == .v4 ? .broadcast : address.solicitedNodeMulticast.multicastMAC
  }

  /// The address that a station asks with.
  private func questionAddress(_ interface: Int, _ sender: IPAddress) -> IPAddress {
    let own = interfaces[interface]
    if stations[own.station].fault == .asksAsVIP, sender == vip { return vip }
    // Linux asks with the source of the packet at hand where that is an address of its own (arp_announce 0).
    if scenario.pingsVIP, stations[own.station].role == .balancer, sender == vip { return vip }
    if own.address.version == .v4 || sender == own.address { return own.address }
    // Linux asks with its link-local address where the packet's source is not the interface's own (ndisc_solicit).
    return IPAddress(v6High: 0xfe80_0000_0000_0000, low: own.mac.rawValue)
  }

  private func ask(_ address: IPAddress, from interface: Int, sending sender: IPAddress, _ time: inout Int) {
    let own = interfaces[interface]
    let asker = questionAddress(interface, sender)
    time += 5000
    emit(
      .question(address: address, sender: asker, owner: own.mac), at: time, from: interface,
      to: groupMAC(of: address), isToGroup: true)
    for other in interfaces.indices where interfaces[other].segment == own.segment && other != interface {
      let key = Neighbour(interface: other, address: asker)
      // Who is asked learns who asks; the rest amend what they know (RFC 826), Linux not within a second of the last
      // change.
      let isAsked = owns(other, address) != nil
      let amends = neighbours[key] != nil && own.address.version == .v4 && dice.chance(0.6)
      if asker == vip, stations[interfaces[other].station].role == .balancer { continue }
      // Who hears it by the virtual interface has not learnt it for the other, which answers to pings leave by.
      if scenario.pingsVIP, interfaces[other].speaksAsVirtual { continue }
      if isAsked || amends { neighbours[key] = own.mac }
    }
    if asker == vip, stations[own.station].role != .balancer {
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
    guard let mac = told(owner, address, to: interface) else { return }
    let own = interfaces[interface]
    let speaksAsVirtual = interfaces[owner].speaksAsVirtual && mac == interfaces[owner].virtualMAC
    emit(
      .answer(address: address, owner: mac, receiver: own.mac, receiverAddress: asker),
      at: time + dice.number(20_000...200_000), from: owner, as: speaksAsVirtual ? mac : nil, to: own.mac,
      receiver: interface)
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
    emit(
      .question(address: address, sender: own.address, owner: own.mac), at: time, from: interface, to: known,
      receiver: asked)
    if owners.contains(asked) { answer(address, from: asked, to: interface, askedBy: own.address, time) }
    time += 300_000
  }

  /// The owner of shared addresses says that it has them; or of `addresses`.
  func announce(_ interface: Int, _ addresses: [IPAddress]? = nil, at time: Int) {
    let own = interfaces[interface]
    for address in addresses ?? own.shared {
      let mac = address == own.address ? own.mac : own.virtualMAC ?? own.mac
      if address == vip, stations[own.station].role == .backend { misclaims.insert(.announcement) }
      // keepalived and MetalLB send both forms; most send the request.
      for isReply in dice.pick([[false], [false], [true], [false, true]]) {
        emit(
          .announcement(address: address, owner: mac, isReply: isReply), at: time + (isReply ? 20_000 : 0),
          from: interface, as: own.speaksAsVirtual ? mac : own.mac,
          to: own.address.version == .v4
            ? .broadcast : IPAddress(v6High: 0xff02_0000_0000_0000, low: 1).multicastMAC, isToGroup: true)
      }
      for other in interfaces.indices where interfaces[other].segment == own.segment && other != interface {
        let key = Neighbour(interface: other, address: address)
        if neighbours[key] != nil { neighbours[key] = mac }
      }
    }
  }
}
