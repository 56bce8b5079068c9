import Wire

/// The first byte of the input chooses the link type, the second how much longer the frame was on the wire; the rest is
/// the frame.
func readDissection(_ input: ArraySlice<UInt8>) {
  let head = Array(input.prefix(2))
  guard head.count == 2 else { return }
  let linkType = LinkType.allCases[Int(head[0]) % LinkType.allCases.count]
  let frame = Array(input.dropFirst(2))
  let dissection = Dissection(frame.span, linkType: linkType, wireLength: frame.count + Int(head[1]) * 257)
  checkDissection(dissection, frame)
}

/// What holds whatever a frame says.
private func checkDissection(_ dissection: borrowing Dissection, _ frame: [UInt8]) {
  let inside = 0...frame.count
  if let stop = dissection.stop { mustHold(inside.contains(stop.offset)) }
  let network = dissection.network
  if let network {
    mustHold(inside.contains(network.payloadOffset) && network.payloadLength >= 0)
    _ = (network.source.description, network.destination.description)
  }
  switch dissection.content {
  case .none:
    mustHold(network == nil)
  case .tcp(let header):
    mustHold(header.options.isEmpty || inside.contains(header.options.upperBound))
    _ = TCPOptions(frame.span, in: header.options)
  case .udp(let header):
    mustHold(inside.contains(header.payloadOffset))
  case .vrrp(let advertisement):
    mustHold(inside.contains(advertisement.addresses.upperBound))
  case .routerAdvertisement(let advertisement):
    mustHold(inside.contains(advertisement.options.upperBound))
    advertisement.forEachPrefixOnLink(frame.span) { mustHold($0.length <= 128) }
  case .icmpError, .echo, .arp, .neighborDiscovery, .laterFragment, .other:
    break
  }
  let encapsulation = dissection.encapsulation
  mustHold(encapsulation.depth <= Encapsulation.depthLimit && encapsulation.depth == encapsulation.kinds.count)
  // Printed addresses read back.
  if let address = network?.source { mustHold(IPAddress(address.description) == address) }
  if let address = dissection.source { mustHold(MACAddress(address.description) == address) }
}
