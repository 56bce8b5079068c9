import CZlib

/// The content of a gzip file (RFC 1952): one member or several, one after another. Zeros behind a member are padding,
/// as gzip(1) has it.
@safe final class GzipSource: ByteSource {
  private let file: FileSource
  private var input: [UInt8]
  private var unread: Range<Int>
  /// On the heap because zlib keeps its address.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isInsideMember = false
  /// Whether zlib may hold output for which there was no room.
  private var holdsOutput = false
  private(set) var isCutShort = false

  static func recognizes(_ prefix: [UInt8]) -> Bool {
    prefix.starts(with: [0x1f, 0x8b])
  }

  /// Goes on where `prefix`, read from `file` before, ended.
  init(_ file: FileSource, prefix: [UInt8]) throws(CaptureError.Fault) {
    self.file = file
    input = prefix + [UInt8](repeating: 0, count: compressedBlockSize - prefix.count)
    unread = 0..<prefix.count
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 16 asks for gzip's framing, with the largest window.
    let status = unsafe inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw fault(status) }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError.Fault) -> Int {
    while true {
      if unread.isEmpty && !holdsOutput {
        unread = 0..<(try file.fill(&input, from: 0))
        if unread.isEmpty {
          isCutShort = isInsideMember
          return 0
        }
      }
      if !isInsideMember {
        unread = unread.drop { input[$0] == 0 }
        if unread.isEmpty { continue }
        unsafe inflateReset(stream)
        isInsideMember = true
      }
      let (status, produced) = inflate(into: &buffer, from: start)
      if status == Z_STREAM_END { isInsideMember = false }
      if produced > 0 { return produced }
      // Z_BUF_ERROR says that more input is wanted.
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw fault(status) }
    }
  }

  private func inflate(into buffer: inout [UInt8], from start: Int) -> (status: CInt, produced: Int) {
    unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe buffer.withUnsafeMutableBufferPointer { output in
        let input = unsafe UnsafeMutableBufferPointer(rebasing: input[unread])
        let output = unsafe UnsafeMutableBufferPointer(rebasing: output[start...])
        unsafe stream.pointee.next_in = input.baseAddress
        unsafe stream.pointee.avail_in = CUnsignedInt(clamping: input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = CUnsignedInt(clamping: output.count)
        let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        unread = unread.upperBound - Int(unsafe stream.pointee.avail_in)..<unread.upperBound
        holdsOutput = unsafe status == Z_OK && stream.pointee.avail_out == 0
        return unsafe (status, output.count - Int(stream.pointee.avail_out))
      }
    }
  }

  private func fault(_ status: CInt) -> CaptureError.Fault {
    let reason =
      if let message = unsafe stream.pointee.msg { unsafe String(cString: message) } else { "zlib error \(status)" }
    return .decompression(format: "gzip", offset: file.bytesRead - UInt64(unread.count), reason: reason)
  }
}

/// How much of a compressed file is read at a time.
let compressedBlockSize = 128 << 10
