/// The extension headers that the walk passes over (IANA "IPv6 Extension Header Types").
private enum IPv6Extension {
  static let hopByHop: UInt8 = 0
  static let routing: UInt8 = 43
  static let fragment: UInt8 = 44
  static let authentication: UInt8 = 51
  static let noNextHeader: UInt8 = 59
  static let destinationOptions: UInt8 = 60
}

extension IPHeader {
  /// RFC 8200 section 3: the fixed header alone.
  @inline(__always)
  init(v6 frame: Span<UInt8>, at offset: Int, end: Int) throws(Dissection.Stop) {
    try frame.require(40, at: offset, before: end, in: .ipv6)
    let bytes = frame.extracting(offset..<offset &+ 40)
    guard bytes.byte(at: 0) >> 4 == 6 else { throw Dissection.Stop(.malformed, in: .ipv6, at: offset) }
    let nextHeader = bytes.byte(at: 6)
    // Zero stands for a jumbogram (RFC 2675), or a packet that the network card is going to cut up (TSO).
    let givenLength = Int(bytes.be16(at: 4))
    let isLengthMissing = givenLength == 0 && nextHeader != IPv6Extension.noNextHeader
    self.init(
      source: IPAddress(v6: bytes, at: 8), destination: IPAddress(v6: bytes, at: 24),
      hopLimit: bytes.byte(at: 7), protocolNumber: nextHeader, identification: 0, moreFragments: false,
      fragmentOffset: 0, payloadOffset: offset + 40, payloadLength: isLengthMissing ? end - offset - 40 : givenLength,
      isOversized: isLengthMissing || givenLength + 40 > Self.ethernetLimit)
  }

  /// Whether an extension header comes first in the payload.
  var hasExtension: Bool {
    switch protocolNumber {
    case IPv6Extension.hopByHop, IPv6Extension.routing, IPv6Extension.fragment, IPv6Extension.authentication,
      IPv6Extension.destinationOptions:
      source.version == .v6
    default: false
    }
  }

  /// RFC 8200 section 4. Moves the payload behind the extension headers, of which each takes eight bytes or more; where
  /// one cannot be read, the header is left as it is before that one. True where one of them names a VIP (`DSROption`).
  @discardableResult
  mutating func skipExtensions(_ frame: Span<UInt8>) throws(Dissection.Stop) -> Bool {
    var bearsDSROption = false
    while hasExtension, fragmentOffset == 0 {
      try frame.require(8, at: payloadOffset, before: payloadEnd, in: .ipv6)
      let count = Int(frame.byte(at: payloadOffset + 1))
      let length =
        switch protocolNumber {
        case IPv6Extension.fragment: 8
        case IPv6Extension.authentication: (count + 2) * 4  // RFC 4302 section 2.2
        default: (count + 1) * 8
        }
      try frame.require(length, at: payloadOffset, before: payloadEnd, in: .ipv6)
      if protocolNumber == IPv6Extension.fragment {
        let fragment = frame.be16(at: payloadOffset + 2)
        fragmentOffset = fragment & 0xfff8
        moreFragments = fragment & 1 == 1
        identification = frame.be32(at: payloadOffset + 4)
      }
      if protocolNumber == IPv6Extension.destinationOptions,
        DSROption.isIn(v6: frame.extracting(payloadOffset..<payloadOffset + length))
      {
        bearsDSROption = true
      }
      protocolNumber = frame.byte(at: payloadOffset)
      payloadOffset += length
      payloadLength -= length
    }
    return bearsDSROption
  }
}

extension Dissection {
  mutating func walkIPv6(
    _ frame: Span<UInt8>, at offset: Int, end: Int, in tunnel: TunnelPayload?
  ) throws(Stop) {
    let header = try IPHeader(v6: frame, at: offset, end: end)
    accept(header, layer: .ipv6, at: offset, end: end, in: tunnel)
    guard header.hasExtension else {
      return try walkPayload(
        header.protocolNumber, of: .v6, frame, at: header.payloadOffset, end: header.payloadEnd, isWhole: true)
    }
    try walkExtensions(of: header, frame)
  }

  private mutating func walkExtensions(of base: IPHeader, _ frame: Span<UInt8>) throws(Stop) {
    var header = base
    var cut: Stop?
    do throws(Stop) { if try header.skipExtensions(frame) { bearsDSROption = true } } catch { cut = error }
    network = header
    content = .other(protocolNumber: header.protocolNumber)
    if let cut { throw cut }
    guard header.fragmentOffset == 0 else {
      content = .laterFragment(protocolNumber: header.protocolNumber)
      return
    }
    try walkPayload(
      header.protocolNumber, of: .v6, frame, at: header.payloadOffset, end: header.payloadEnd,
      isWhole: !header.moreFragments)
  }
}
