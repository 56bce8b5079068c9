import CZlib

/// Packs bytes into one member of a gzip file (RFC 1952), the same bytes always in the same way.
@safe public final class GzipWriter {
  /// On the heap because zlib keeps its address.
  private let stream: UnsafeMutablePointer<z_stream>
  private static let room = 64 << 10

  /// `nil` where there is no memory for it.
  public init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 16 asks for gzip's framing, in which zlib writes no time and no name.
    let status = unsafe deflateInit2_(
      stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// What is ready once these bytes are taken; all of it behind the last.
  public func pack(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
    var input = bytes
    var packed: [UInt8] = []
    var output = [UInt8](repeating: 0, count: Self.room)
    var taken = 0
    while true {
      let (used, made) = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
          let rest = unsafe UnsafeMutableBufferPointer(rebasing: input[taken...])
          let count = CUnsignedInt(clamping: rest.count)
          unsafe stream.pointee.next_in = rest.baseAddress
          unsafe stream.pointee.avail_in = count
          unsafe stream.pointee.next_out = output.baseAddress
          unsafe stream.pointee.avail_out = CUnsignedInt(output.count)
          let flush = isLast && rest.count == Int(count) ? Z_FINISH : Z_NO_FLUSH
          _ = unsafe deflate(stream, flush)
          return unsafe (Int(count - stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
        }
      }
      taken += used
      packed += output[..<made]
      // Room that was left over means that nothing is held back.
      if taken == input.count, made < output.count { return packed }
    }
  }
}
