extension Dissection {
  /// An IP packet whose version its own first nibble tells.
  mutating func walkRawIP(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    try frame.require(1, at: offset, before: end, in: .link)
    guard let version = IPAddress.Version(rawValue: frame.byte(at: offset) >> 4) else {
      throw Stop(.unknownProtocol, in: .link, at: offset)
    }
    try walkIP(version, frame, at: offset, end: end)
  }
}
