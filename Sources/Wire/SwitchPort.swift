extension Dissection {
  /// LINKTYPE_DSA_TAG_BRCM and LINKTYPE_DSA_TAG_DSA of the tcpdump.org registry: what the host's port to its own switch
  /// shows, an Ethernet frame with a tag of four bytes behind the addresses.
  mutating func walkTaggedEthernet(_ frame: Span<UInt8>, end: Int, isDSA: Bool) throws(Stop) {
    try frame.require(18, at: 0, before: end, in: .link)
    destination = MACAddress(frame, at: 0)
    source = MACAddress(frame, at: 6)
    if isDSA { vlan.pushDSA(frame, at: 12) }
    try walk(etherType: frame.be16(at: 16), frame, at: 18, end: end)
  }

  /// LINKTYPE_DSA_TAG_EDSA: the tag has an EtherType, which can be set and need not be the usual one.
  mutating func walkEDSA(_ frame: Span<UInt8>, end: Int) throws(Stop) {
    try frame.require(22, at: 0, before: end, in: .link)
    destination = MACAddress(frame, at: 0)
    source = MACAddress(frame, at: 6)
    vlan.pushDSA(frame, at: 16)
    try walk(etherType: frame.be16(at: 20), frame, at: 22, end: end)
  }
}
