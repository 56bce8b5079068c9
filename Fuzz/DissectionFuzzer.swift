// Compiled together with the sources of Wire by `Fuzz/fuzz`: libFuzzer's runtime is linked by the compiler driver, which
// a SwiftPM target cannot ask for.

/// The first byte of an input chooses the link type, the second how much longer the frame was on the wire; the rest is
/// the frame.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDissection(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count >= 2 else { return 0 }
  let linkType = LinkType.allCases[Int(input[0]) % LinkType.allCases.count]
  let frame = Array(input[2...])
  let dissection = Dissection(frame.span, linkType: linkType, wireLength: frame.count + Int(input[1]) * 257)
  check(dissection, frame)
  return 0
}

/// What holds whatever a frame says.
private func check(_ dissection: Dissection, _ frame: [UInt8]) {
  let inside = 0...frame.count
  if let stop = dissection.stop { precondition(inside.contains(stop.offset)) }
  if let network = dissection.network {
    precondition(inside.contains(network.payloadOffset) && network.payloadLength >= 0)
    _ = (network.source.description, network.destination.description)
  }
  switch dissection.content {
  case .none:
    precondition(dissection.network == nil)
  case .tcp(let header):
    precondition(header.options.isEmpty || inside.contains(header.options.upperBound))
    _ = TCPOptions(frame.span, in: header.options)
  case .udp(let header):
    precondition(inside.contains(header.payloadOffset))
  case .vrrp(let advertisement):
    precondition(inside.contains(advertisement.addresses.upperBound))
  case .routerAdvertisement(let advertisement):
    precondition(inside.contains(advertisement.options.upperBound))
    advertisement.forEachPrefixOnLink(frame.span) { precondition($0.length <= 128) }
  case .icmpError, .echo, .arp, .neighborDiscovery, .laterFragment, .other:
    break
  }
  let encapsulation = dissection.encapsulation
  precondition(encapsulation.depth <= Encapsulation.depthLimit && encapsulation.depth == encapsulation.kinds.count)
  // Printed addresses read back.
  if let address = dissection.network?.source { precondition(IPAddress(address.description) == address) }
  if let address = dissection.source { precondition(MACAddress(address.description) == address) }
}
