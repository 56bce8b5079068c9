// Numbers in network byte order. Every layer checks its length once with `require`; the checks in the readers are
// what makes a mistake there yield zeros instead of a trap, and cost nothing where the optimiser sees the first.
extension Span where Element == UInt8 {
  @inlinable @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    guard offset >= 0, offset < count else { return 0 }
    return self[offset]
  }

  @inlinable @inline(__always)
  func be16(at offset: Int) -> UInt16 {
    guard offset >= 0, offset <= count &- 2 else { return 0 }
    return UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1])
  }

  @inlinable @inline(__always)
  func be32(at offset: Int) -> UInt32 {
    guard offset >= 0, offset <= count &- 4 else { return 0 }
    let high = UInt32(self[offset]) << 24 | UInt32(self[offset &+ 1]) << 16
    return high | UInt32(self[offset &+ 2]) << 8 | UInt32(self[offset &+ 3])
  }

  @inlinable @inline(__always)
  func be64(at offset: Int) -> UInt64 {
    UInt64(be32(at: offset)) << 32 | UInt64(be32(at: offset &+ 4))
  }

  /// Checks that `length` bytes from `offset` lie before `end`, where the enclosing layer ends, and were captured.
  @inline(__always)
  func require(
    _ length: Int, at offset: Int, before end: Int, in layer: Dissection.Layer
  ) throws(Dissection.Stop) {
    guard offset >= 0, length <= min(end, count) &- offset else {
      throw Dissection.Stop(length > end &- offset ? .malformed : .captureEnded, in: layer, at: offset)
    }
  }
}
