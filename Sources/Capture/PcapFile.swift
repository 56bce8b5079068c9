import Wire

/// The classic capture file: one header, then records of one interface.
///
/// Source: draft-ietf-opsawg-pcap, "PCAP Capture File Format".
struct PcapFile: CaptureFormat {
  static let headerLength = 24

  let interfaces: [CaptureInterface]
  let foreignFrames: UInt64 = 0
  private let order: ByteOrder
  private let recordHeaderLength: Int
  private let clock: Clock
  private let lengths: Lengths
  private var frameCount: UInt64 = 0

  /// The variants, told by the file's first four bytes, which its writer's byte order turns round.
  private enum Variant: UInt32 {
    case microseconds = 0xa1b2_c3d4
    case nanoseconds = 0xa1b2_3c4d
    /// Alexey Kuznetzov's patched libpcap: records have eight bytes more, of interface, protocol and packet type.
    case kuznetzov = 0xa1b2_cd34

    init?(_ header: Span<UInt8>, _ order: ByteOrder) {
      self.init(rawValue: header.uint32(at: 0, order))
    }
  }

  /// How a record gives its two lengths.
  private enum Lengths {
    /// What was captured, then what was on the wire.
    case inOrder
    /// The other way round, as libpcap before version 0.5 wrote them.
    case swapped
    /// One or the other: what was captured is never the longer.
    case either
  }

  static func recognizes(_ prefix: [UInt8]) -> Bool {
    prefix.count >= 4
      && (Variant(prefix.span, .littleEndian) != nil || Variant(prefix.span, .bigEndian) != nil)
  }

  /// Reads a file header that is recognized and `headerLength` long.
  init(header: Span<UInt8>) throws(CaptureError.Fault) {
    let variant: Variant
    if let little = Variant(header, .littleEndian) {
      (variant, order) = (little, .littleEndian)
    } else {
      (variant, order) = (Variant(header, .bigEndian) ?? .microseconds, .bigEndian)
    }
    recordHeaderLength = variant == .kuznetzov ? 24 : 16
    clock = variant == .nanoseconds ? .nanoseconds : .microseconds

    let major = header.uint16(at: 4, order)
    let minor = header.uint16(at: 6, order)
    switch (major, minor) {
    case (2, 4): lengths = .inOrder
    case (2, 3): lengths = .either
    // DG/UX wrote 543.0.
    case (2, 0...2), (543, 0): lengths = .swapped
    default: throw .unsupportedVersion(format: "pcap", offset: 4, major: major, minor: minor)
    }
    // The upper half of the field is not the link type: it says how long a frame check sequence the frames end with.
    let number = UInt16(truncatingIfNeeded: header.uint32(at: 20, order))
    guard let linkType = LinkType(fileValue: number) else {
      throw .unknownLinkType(number, site: .fileHeader)
    }
    interfaces = [CaptureInterface(linkType: linkType, snapLength: snapLength(header.uint32(at: 16, order)))]
  }

  mutating func parse(
    _ bytes: Span<UInt8>, at offset: UInt64, into frames: inout [Frame]
  ) throws(CaptureError.Fault) -> ParsedRecords {
    // Constants of its own let the loop keep them in registers.
    let (order, clock, recordHeaderLength, lengths) = (order, clock, recordHeaderLength, lengths)
    let firstNumber = frameCount
    var parsed = ParsedRecords(length: 0, needed: recordHeaderLength)
    var fault: CaptureError.Fault?
    frames.append(addingCapacity: bytes.count / recordHeaderLength) { found in
      var start = 0
      var number = firstNumber
      // Nothing here overflows: a block is far smaller than any integer, and lengths are limited.
      while bytes.count &- start >= recordHeaderLength {
        // One check of the bounds for the four numbers of the header.
        let header = bytes.extracting(start..<start &+ recordHeaderLength)
        var captured = header.uint32(at: 8, order)
        var wire = header.uint32(at: 12, order)
        if lengths != .inOrder, lengths == .swapped || captured > wire { swap(&captured, &wire) }
        guard captured <= maximumCapturedLength else {
          fault = .impossibleLength(frame: number + 1, offset: offset + UInt64(start), length: captured)
          break
        }
        let end = start &+ recordHeaderLength &+ Int(captured)
        if end > bytes.count {
          parsed.needed = end - start
          break
        }
        number &+= 1
        found.append(
          Frame(
            offset: Int32(truncatingIfNeeded: start &+ recordHeaderLength),
            capturedLength: Int32(truncatingIfNeeded: captured),
            // Some writers give less than they captured.
            wireLength: Int32(clamping: max(captured, wire)),
            time: clock.time(seconds: header.uint32(at: 0, order), fraction: header.uint32(at: 4, order)),
            interface: 0,
            number: number))
        start = end
      }
      parsed.length = start
      frameCount = number
    }
    if let fault { throw fault }
    return parsed
  }

  func finish() {}

  /// How many units of a record's fraction of a second make a second, and how many nanoseconds one is.
  private struct Clock {
    var fractionsPerSecond: UInt32
    var nanosecondsPerFraction: UInt32

    static let microseconds = Clock(fractionsPerSecond: 1_000_000, nanosecondsPerFraction: 1000)
    static let nanoseconds = Clock(fractionsPerSecond: 1_000_000_000, nanosecondsPerFraction: 1)

    @inline(__always)
    func time(seconds: UInt32, fraction: UInt32) -> Timestamp {
      if fraction < fractionsPerSecond {
        return Timestamp(seconds: seconds, nanoseconds: fraction &* nanosecondsPerFraction)
      }
      // Damaged, or the work of a careless writer: carry the whole seconds.
      let (sum, overflow) = seconds.addingReportingOverflow(fraction / fractionsPerSecond)
      return Timestamp(
        seconds: overflow ? .max : sum, nanoseconds: fraction % fractionsPerSecond * nanosecondsPerFraction)
    }
  }
}

/// A snap length as files give it, where some writers mean "no limit" by a number that no frame reaches.
func snapLength(_ number: UInt32) -> Int {
  Int32(exactly: number).map(Int.init) ?? 0
}
