import Wire

extension [UInt8] {
  mutating func append16(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  mutating func append32(_ value: UInt32) {
    append16(UInt16(truncatingIfNeeded: value >> 16))
    append16(UInt16(truncatingIfNeeded: value))
  }

  mutating func append64(_ value: UInt64) {
    append32(UInt32(truncatingIfNeeded: value >> 32))
    append32(UInt32(truncatingIfNeeded: value))
  }

  mutating func append(_ address: MACAddress) {
    append16(UInt16(truncatingIfNeeded: address.rawValue >> 32))
    append32(UInt32(truncatingIfNeeded: address.rawValue))
  }

  mutating func append(_ address: IPAddress) {
    switch address.version {
    case .v4: append32(UInt32(truncatingIfNeeded: address.low))
    case .v6:
      append64(address.high)
      append64(address.low)
    }
  }

  mutating func set16(_ value: UInt16, at index: Int) {
    self[index] = UInt8(truncatingIfNeeded: value >> 8)
    self[index + 1] = UInt8(truncatingIfNeeded: value)
  }
}

/// RFC 1071: the ones' complement of the ones' complement sum of all 16-bit words.
public func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() { sum += index.isMultiple(of: 2) ? UInt32(byte) << 8 : UInt32(byte) }
  while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
  return ~UInt16(truncatingIfNeeded: sum)
}

extension Carrier {
  /// The checksum of an upper-layer packet with its pseudo-header: RFC 9293 section 3.1, RFC 8200 section 8.1.
  func checksum(of segment: [UInt8], protocolNumber: UInt8) -> UInt16 {
    var covered: [UInt8] = []
    covered.append(source)
    covered.append(destination)
    covered.append32(UInt32(segment.count))
    covered.append32(UInt32(protocolNumber))
    return internetChecksum(covered + segment)
  }
}
