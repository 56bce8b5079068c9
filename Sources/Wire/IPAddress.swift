/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable {
  /// The raw value is the version nibble of the header.
  public enum Version: UInt8, Sendable {
    case v4 = 4
    case v6 = 6
  }

  public let version: Version
  /// The first eight octets of an IPv6 address, in host order; 0 for IPv4.
  public let high: UInt64
  /// The last eight octets of an IPv6 address, or the four of an IPv4 address, in host order.
  public let low: UInt64

  public init(v4 address: UInt32) {
    version = .v4
    high = 0
    low = UInt64(address)
  }

  public init(v6High high: UInt64, low: UInt64) {
    version = .v6
    self.high = high
    self.low = low
  }

  /// Reads four or sixteen octets in network byte order; `nil` for any other number of them.
  public init?(octets: [UInt8]) {
    let value = { (bytes: ArraySlice<UInt8>) in bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    switch octets.count {
    case 4: self.init(v4: UInt32(truncatingIfNeeded: value(octets[...])))
    case 16: self.init(v6High: value(octets.prefix(8)), low: value(octets.suffix(8)))
    default: return nil
    }
  }

  /// The four or sixteen octets in network byte order.
  public var octets: [UInt8] {
    var octets: [UInt8] = []
    appendOctets(to: &octets)
    return octets
  }

  /// Appends the same.
  package func appendOctets(to octets: inout [UInt8]) {
    if version == .v6 { octets.append(bigEndian: high, width: 8) }
    octets.append(bigEndian: low, width: version == .v4 ? 4 : 8)
  }

  /// Reads four octets of `frame`.
  @inline(__always)
  init(v4 frame: Span<UInt8>, at offset: Int) {
    self.init(v4: frame.be32(at: offset))
  }

  /// Reads sixteen octets of `frame`.
  @inline(__always)
  init(v6 frame: Span<UInt8>, at offset: Int) {
    self.init(v6High: frame.be64(at: offset), low: frame.be64(at: offset &+ 8))
  }

  /// 224.0.0.0/4, ff00::/8, and the limited broadcast address.
  public var isMulticastOrBroadcast: Bool {
    switch version {
    case .v4: low >> 28 == 0xe || low == 0xffff_ffff
    case .v6: high >> 56 == 0xff
    }
  }

  /// 0.0.0.0 or ::.
  public init(unspecified version: Version) {
    self = version == .v4 ? IPAddress(v4: 0) : IPAddress(v6High: 0, low: 0)
  }

  /// 0.0.0.0 or ::, which stand for "no address yet".
  public var isUnspecified: Bool { high == 0 && low == 0 }

  /// 127.0.0.0/8 or ::1 (RFC 6890 section 2.2).
  public var isLoopback: Bool {
    switch version {
    case .v4: low >> 24 == 127
    case .v6: high == 0 && low == 1
    }
  }

  /// fe80::/10 (RFC 4291 section 2.5.6) or 169.254.0.0/16 (RFC 3927 section 2.1).
  public var isLinkLocal: Bool {
    switch version {
    case .v4: low >> 16 == 0xa9fe
    case .v6: high >> 54 == 0x3fa
    }
  }
}

extension IPAddress: Comparable {
  public static func < (a: IPAddress, b: IPAddress) -> Bool {
    (a.version.rawValue, a.high, a.low) < (b.version.rawValue, b.high, b.low)
  }
}

extension IPAddress: LosslessStringConvertible {
  /// Reads dotted decimal (four numbers, no leading zeros) or RFC 4291 text, without brackets or zone.
  public init?(_ description: String) {
    if description.contains(":") {
      guard let parsed = Self.parseV6(description) else { return nil }
      self = parsed
    } else {
      guard let parsed = Self.parseV4(description) else { return nil }
      self.init(v4: parsed)
    }
  }

  private static func parseV4(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.utf8.count == 1 || part.first != "0", let octet = UInt8(part)
      else { return nil }
      value = value << 8 | UInt32(octet)
    }
    return value
  }

  private static func parseV6(_ text: String) -> IPAddress? {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var groups: [[UInt16]] = []
    for (index, half) in halves.enumerated() {
      guard let parsed = parseGroups(half, mayEndInV4: index == halves.count - 1) else { return nil }
      groups.append(parsed)
    }
    let count = groups.reduce(0) { $0 + $1.count }
    guard groups.count == 2 ? count <= 7 : count == 8 else { return nil }
    let all = groups[0] + Array(repeating: 0, count: 8 - count) + (groups.count == 2 ? groups[1] : [])
    let value = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
    return IPAddress(v6High: value(all[0..<4]), low: value(all[4..<8]))
  }

  private static func parseGroups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInV4, index == parts.count - 1, part.contains(".") {
        guard let v4 = parseV4(part) else { return nil }
        groups += [UInt16(truncatingIfNeeded: v4 >> 16), UInt16(truncatingIfNeeded: v4)]
      } else {
        guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }

  /// Dotted decimal, or the canonical form of RFC 5952.
  public var description: String { String(ascii: append) }

  /// Appends the description in ASCII.
  package func append(to text: inout [UInt8]) {
    switch version {
    case .v4: appendV4(to: &text)
    case .v6: appendV6(to: &text)
    }
  }

  private func appendV4(to text: inout [UInt8]) {
    for shift: UInt64 in [24, 16, 8, 0] {
      text.append(decimal: low >> shift & 0xff)
      if shift > 0 { text.append(UInt8(ascii: ".")) }
    }
  }

  private func appendV6(to text: inout [UInt8]) {
    let gap = longestZeros
    for index in 0..<8 where !gap.contains(index) {
      // Two colons stand for the gap, and one parts all other groups.
      if index == gap.upperBound, !gap.isEmpty {
        text += [UInt8(ascii: ":"), UInt8(ascii: ":")]
      } else if index > 0 {
        text.append(UInt8(ascii: ":"))
      }
      text.append(hexadecimal: group(index))
    }
    if !gap.isEmpty, gap.upperBound == 8 { text += [UInt8(ascii: ":"), UInt8(ascii: ":")] }
  }

  /// RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals, becomes `::`.
  private var longestZeros: Range<Int> {
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, group(end) == 0 { end += 1 }
      if end - start > max(1, best.count) { best = start..<end }
      start = max(end, start + 1)
    }
    return best
  }

  /// One of the eight groups of an IPv6 address.
  private func group(_ index: Int) -> UInt64 {
    (index < 4 ? high : low) >> (48 - 16 * UInt64(index % 4)) & 0xffff
  }
}
