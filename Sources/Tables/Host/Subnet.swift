public import Wire

/// The addresses that share their leading bits.
public struct Subnet: Hashable, Sendable {
  /// All bits beyond the length are 0.
  public let address: IPAddress
  public let length: Int

  /// Takes the leading bits of `address`; a length beyond its bits stands for all of them.
  public init(_ address: IPAddress, length: Int) {
    self.length = min(max(0, length), address.bitWidth)
    self.address = address.masked(to: self.length)
  }

  public func contains(_ other: IPAddress) -> Bool {
    other.version == address.version && other.masked(to: length) == address
  }
}

extension IPAddress {
  /// 32 or 128.
  public var bitWidth: Int { version == .v4 ? 32 : 128 }

  fileprivate func masked(to length: Int) -> IPAddress {
    switch version {
    // A shift by the whole width gives 0.
    case .v4: IPAddress(v4: UInt32(truncatingIfNeeded: low) & UInt32.max << (32 - length))
    case .v6:
      IPAddress(
        v6High: high & UInt64.max << (64 - min(length, 64)), low: low & UInt64.max << (64 - max(0, length - 64)))
    }
  }
}

extension Subnet: CustomStringConvertible {
  public var description: String { "\(address)/\(length)" }
}
