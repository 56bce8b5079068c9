import Evidence
import Wire

extension Network {
  /// A router that passes a packet on by the way it came says so to its sender: RFC 1812 section 5.2.7.2.
  func redirect(_ datagram: Datagram, from station: Int, at router: Int, _ time: Int) {
    guard let detour = scenario.detour, detour.tells, stations[router].role == .router, let frame = frames.last,
      let here = frame.receiver, stations[station].takesDetour, datagram.destination.address == vip,
      segments[frame.segment].contains(vip), redirects[station, default: 0] < 3
    else { return }
    redirects[station, default: 0] += 1
    let own = interfaces[here]
    let address =
      own.address.version == .v4
      ? own.address : IPAddress(v6High: 0xfe80_0000_0000_0000, low: own.mac.rawValue)
    emit(
      .redirect(about: datagram, destination: vip, router: address), at: time + dice.number(2000...9000), from: here,
      to: frame.source, receiver: frame.sender)
    if detour.heeds { stations[station].takesDetour = false }
  }
}
