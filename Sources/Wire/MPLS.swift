extension Dissection {
  /// RFC 3032: a stack of labels. Nothing says what follows the last but its first nibble (RFC 4928 section 3).
  mutating func walkMPLS(_ frame: Span<UInt8>, at offset: Int, end: Int) throws(Stop) {
    var offset = offset
    var isBottom = false
    while !isBottom {
      try frame.require(4, at: offset, before: end, in: .link)
      isBottom = frame.byte(at: offset + 2) & 1 == 1
      offset += 4
    }
    try walkRawIP(frame, at: offset, end: end)
  }
}
