/// A VRRP advertisement, RFC 3768 (version 2) and RFC 9568 (version 3).
public struct VRRPAdvertisement: Sendable {
  public var version: UInt8
  public var virtualRouterID: UInt8
  public var priority: UInt8
  /// The time between advertisements in milliseconds.
  public var interval: UInt32
  /// The virtual addresses, as bytes of the frame, four or sixteen each by the version of the IP header.
  public var addresses: Range<Int>
  public var addressVersion: IPAddress.Version

  public init(
    version: UInt8, virtualRouterID: UInt8, priority: UInt8, interval: UInt32, addresses: Range<Int>,
    addressVersion: IPAddress.Version
  ) {
    self.version = version
    self.virtualRouterID = virtualRouterID
    self.priority = priority
    self.interval = interval
    self.addresses = addresses
    self.addressVersion = addressVersion
  }
}

extension Dissection {
  /// IP protocol 112 is also CARP's, whose first byte is that of VRRP version 2: what does not hold the addresses that
  /// it counts stays `.other`, and is no contradiction.
  mutating func walkVRRP(
    _ frame: Span<UInt8>, at offset: Int, end: Int, addressVersion: IPAddress.Version
  ) throws(Stop) {
    try frame.require(8, at: offset, before: end, in: .vrrp)
    let first = frame.byte(at: offset)
    let version = first >> 4
    guard first & 0x0f == 1, version == 2 || version == 3 else { return }
    let addressLength = addressVersion == .v4 ? 4 : 16
    let addressesLength = Int(frame.byte(at: offset + 3)) * addressLength
    // RFC 3768 section 5.1 ends with eight bytes of authentication data; version 3 has none, nor has keepalived's
    // version 2 over IPv6. A CARP packet, 36 bytes with a 7 in the place of the count, falls short of them.
    let trailer = version == 2 && addressVersion == .v4 ? 8 : 0
    guard 8 + addressesLength + trailer <= end - offset else { return }
    try frame.require(8 + addressesLength, at: offset, before: end, in: .vrrp)
    // RFC 3768 section 5.3.7: seconds. RFC 9568 section 5.2.7: twelve bits, in hundredths of a second.
    let interval =
      version == 2 ? UInt32(frame.byte(at: offset + 5)) * 1000 : UInt32(frame.be16(at: offset + 4) & 0x0fff) * 10
    content = .vrrp(
      VRRPAdvertisement(
        version: version, virtualRouterID: frame.byte(at: offset + 1), priority: frame.byte(at: offset + 2),
        interval: interval, addresses: offset + 8..<offset + 8 + addressesLength, addressVersion: addressVersion))
  }
}
