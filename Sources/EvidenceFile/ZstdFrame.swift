import CZstd

/// Single frames of zstd (RFC 8878).
enum ZstdFrame {
  /// No block is larger: what a header claims must not fill the memory.
  static let largestContent = 64 << 20
  private static let level: Int32 = 6

  static func compress(_ content: [UInt8]) throws(EvidenceFileError.Fault) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count))
    let length = unsafe frame.withUnsafeMutableBytes { target in
      unsafe content.withUnsafeBytes { source in
        unsafe ZSTD_compress(target.baseAddress, target.count, source.baseAddress, source.count, level)
      }
    }
    if ZSTD_isError(length) != 0 { throw .compression(reason: unsafe String(cString: ZSTD_getErrorName(length))) }
    frame.removeLast(frame.count - length)
    return frame
  }

  /// The content of the frame that `bytes` begins with, and the length of that frame. `offset` is its place in the file.
  static func decompress(
    _ bytes: ArraySlice<UInt8>, at offset: UInt64
  ) throws(EvidenceFileError.Fault) -> (content: [UInt8], length: Int) {
    let (length, size) = unsafe bytes.withUnsafeBytes { source in
      unsafe (
        ZSTD_findFrameCompressedSize(source.baseAddress, source.count),
        ZSTD_getFrameContentSize(source.baseAddress, source.count)
      )
    }
    if ZSTD_isError(length) != 0 {
      throw .decompression(offset: offset, reason: unsafe String(cString: ZSTD_getErrorName(length)))
    }
    // What is larger than all, where a frame is wrong or does not tell.
    guard size <= UInt64(largestContent) else {
      throw .decompression(offset: offset, reason: "a frame that holds more than \(largestContent) bytes")
    }
    var content = [UInt8](repeating: 0, count: Int(size))
    let produced = unsafe content.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, length)
      }
    }
    if ZSTD_isError(produced) != 0 {
      throw .decompression(offset: offset, reason: unsafe String(cString: ZSTD_getErrorName(produced)))
    }
    guard produced == content.count else {
      throw .decompression(offset: offset, reason: "\(produced) bytes for \(content.count)")
    }
    return (content, length)
  }
}
