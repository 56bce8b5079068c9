import CZstd

/// The content of a zstd file (RFC 8878): one frame or several, one after another, and skippable ones between them.
@safe final class ZstdSource: ByteSource {
  private let file: FileSource
  private var input: [UInt8]
  private var unread: Range<Int>
  private let context: OpaquePointer
  private var isInsideFrame = false
  /// Whether zstd may hold output for which there was no room.
  private var holdsOutput = false
  private(set) var isCutShort = false

  /// pzstd begins with a skippable frame, whose magic number is 184d2a50 to 184d2a5f.
  static func recognizes(_ prefix: [UInt8]) -> Bool {
    guard prefix.count >= 4 else { return false }
    return prefix.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
      || prefix[0] & 0xf0 == 0x50 && prefix.dropFirst().starts(with: [0x2a, 0x4d, 0x18])
  }

  /// Goes on where `prefix`, read from `file` before, ended.
  init(_ file: FileSource, prefix: [UInt8]) throws(CaptureError.Fault) {
    guard let context = unsafe ZSTD_createDStream() else {
      throw .decompression(format: "zstd", offset: 0, reason: "no memory for it")
    }
    unsafe self.context = context
    self.file = file
    input = prefix + [UInt8](repeating: 0, count: compressedBlockSize - prefix.count)
    unread = 0..<prefix.count
  }

  deinit {
    unsafe ZSTD_freeDStream(context)
  }

  func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError.Fault) -> Int {
    while true {
      if unread.isEmpty && !holdsOutput {
        unread = 0..<(try file.fill(&input, from: 0))
        if unread.isEmpty {
          isCutShort = isInsideFrame
          return 0
        }
      }
      let (status, produced) = decompress(into: &buffer, from: start)
      if ZSTD_isError(status) != 0 {
        let reason = unsafe String(cString: ZSTD_getErrorName(status))
        throw .decompression(format: "zstd", offset: file.bytesRead - UInt64(unread.count), reason: reason)
      }
      isInsideFrame = status != 0
      if produced > 0 { return produced }
    }
  }

  private func decompress(into buffer: inout [UInt8], from start: Int) -> (status: Int, produced: Int) {
    unsafe input.withUnsafeBytes { input in
      unsafe buffer.withUnsafeMutableBytes { output in
        let output = unsafe UnsafeMutableRawBufferPointer(rebasing: output[start...])
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: unread.upperBound, pos: unread.lowerBound)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = unsafe ZSTD_decompressStream(context, &target, &source)
        unread = unsafe source.pos..<unread.upperBound
        holdsOutput = unsafe status != 0 && target.pos == target.size
        return unsafe (status, target.pos)
      }
    }
  }
}
