import Wire

/// A file format of captures: finds the frames in a stretch of its bytes.
protocol CaptureFormat {
  /// The interfaces described so far, of link types that can be dissected.
  var interfaces: [CaptureInterface] { get }
  /// Frames passed over so far because the link type of their interface is not read.
  var foreignFrames: UInt64 { get }

  /// Appends the frames of the whole records in `bytes`, whose first byte begins a record and stands at `offset` in the
  /// capture. Where it throws, the frames before the fault have been appended.
  mutating func parse(
    _ bytes: Span<UInt8>, at offset: UInt64, into frames: inout [Frame]
  ) throws(CaptureError.Fault) -> ParsedRecords

  /// Says what only the end of the capture shows to be wrong.
  func finish() throws(CaptureError.Fault)
}

/// How far `CaptureFormat.parse` came.
struct ParsedRecords {
  /// The bytes of whole records.
  var length: Int
  /// How many bytes the next record needs, as far as its bytes tell.
  var needed: Int
}

/// No writer of captures keeps more of a frame: libpcap's MAXIMUM_SNAPLEN.
let maximumCapturedLength = 262_144

enum ByteOrder {
  case littleEndian, bigEndian
}

/// Numbers are read with one check of their bounds instead of one for every byte, which halves the time that a record
/// takes.
extension Span where Element == UInt8 {
  @inline(__always)
  func uint16(at offset: Int, _ order: ByteOrder) -> UInt16 {
    let value = load(UInt16.self, at: offset)
    return order == .littleEndian ? value.littleEndian : value.bigEndian
  }

  @inline(__always)
  func uint32(at offset: Int, _ order: ByteOrder) -> UInt32 {
    let value = load(UInt32.self, at: offset)
    return order == .littleEndian ? value.littleEndian : value.bigEndian
  }

  @inline(__always)
  func uint64(at offset: Int, _ order: ByteOrder) -> UInt64 {
    let value = load(UInt64.self, at: offset)
    return order == .littleEndian ? value.littleEndian : value.bigEndian
  }

  @inline(__always)
  private func load<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type, at offset: Int) -> Number {
    precondition(offset >= 0 && offset <= count - MemoryLayout<Number>.size)
    return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
  }
}
