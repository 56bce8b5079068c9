/// A router advertisement, RFC 4861 section 4.2.
public struct RouterAdvertisement: Sendable {
  /// The options that were captured whole, as bytes of the frame.
  public var options: Range<Int>

  public init(options: Range<Int>) { self.options = options }
}

/// A prefix that a router says is on the link: hosts reach its addresses without a router.
public struct AdvertisedPrefix: Hashable, Sendable {
  /// The bits behind the prefix are zero.
  public var address: IPAddress
  /// In bits.
  public var length: UInt8

  /// Clears the bits behind the prefix.
  public init(_ address: IPAddress, length: UInt8) {
    // Swift shifts by 64 and more to zero.
    let high = address.high & ~(UInt64.max >> UInt64(length))
    let low = length > 64 ? address.low & ~(UInt64.max >> UInt64(length - 64)) : 0
    self.address = IPAddress(v6High: high, low: low)
    self.length = length
  }
}

extension RouterAdvertisement {
  /// Calls `body` with every prefix on the link. `frame` is the one that this advertisement was read from.
  public func forEachPrefixOnLink(_ frame: Span<UInt8>, _ body: (AdvertisedPrefix) -> Void) {
    let end = min(options.upperBound, frame.count)
    var option = options.lowerBound
    while option >= 0, option <= end &- 8 {
      let length = Int(frame.byte(at: option + 1)) * 8
      guard length > 0, length <= end - option else { return }
      // RFC 4861 section 4.6.2: length in bits, flags (L is the first), valid and preferred lifetime, four bytes, prefix.
      // Section 6.3.4: a lifetime of zero withdraws the prefix, and fe80::/10 is ignored.
      if frame.byte(at: option) == 3, length == 32, frame.byte(at: option + 2) <= 128,
        frame.byte(at: option + 3) & 0x80 != 0, frame.be32(at: option + 4) > 0,
        frame.be16(at: option + 16) & 0xffc0 != 0xfe80
      {
        body(AdvertisedPrefix(IPAddress(v6: frame, at: option + 16), length: frame.byte(at: option + 2)))
      }
      option += length
    }
  }
}

extension Dissection {
  mutating func walkRouterAdvertisement(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(16, at: offset, before: end, in: .icmpv6)
    var option = offset + 16
    var cut: Stop?
    do throws(Stop) {
      while option < end {
        let length = try Self.optionLength(frame, at: option, end: end)
        try frame.require(length, at: option, before: end, in: .icmpv6)
        option += length
      }
    } catch {
      cut = error
    }
    content = .routerAdvertisement(RouterAdvertisement(options: offset + 16..<option))
    if let cut { throw cut }
  }
}
