/// Bytes of a capture in their order, from a file or out of a decompressor.
protocol ByteSource: AnyObject {
  /// Puts what there is, but at least one byte, into `buffer` from `start` to at most its end; waits only where there
  /// is nothing yet, so that a pipe gives frames as soon as they are written. Returns the number of bytes, 0 at the end.
  func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError.Fault) -> Int

  /// How many bytes are still to come, where that is known.
  var bytesLeft: UInt64? { get }

  /// Whether the bytes ended before the compressed stream did. Known once `fill` has returned 0.
  var isCutShort: Bool { get }
}

extension ByteSource {
  var bytesLeft: UInt64? { nil }

  /// Lengthens `bytes` to `count`, or to what there is before the end.
  func lengthen(_ bytes: inout [UInt8], to count: Int) throws(CaptureError.Fault) {
    var filled = bytes.count
    bytes += [UInt8](repeating: 0, count: max(0, count - filled))
    while filled < bytes.count {
      let added = try fill(&bytes, from: filled)
      if added == 0 { break }
      filled += added
    }
    bytes.removeLast(bytes.count - filled)
  }
}
