extension Dissection {
  /// LINKTYPE_NULL and LINKTYPE_LOOP: the address family in four bytes, by the numbers of the capturing system.
  mutating func walkLoopback(_ frame: Span<UInt8>, at offset: Int = 0, end: Int) throws(Stop) {
    try frame.require(4, at: offset, before: end, in: .link)
    var family = frame.be32(at: offset)
    // NULL is in the byte order of the host that captured, which the frame does not tell. Families are small numbers.
    if family > 0xffff { family = family.byteSwapped }
    switch family {
    case 2: try walkIP(.v4, frame, at: offset + 4, end: end)
    // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
    case 10, 23, 24, 28, 30: try walkIP(.v6, frame, at: offset + 4, end: end)
    default: throw Stop(.unknownProtocol, in: .link, at: offset + 4)
    }
  }
}
