import Wire

/// The next-generation capture file: sections of blocks, each with interfaces of its own.
///
/// Source: draft-ietf-opsawg-pcapng, "PCAP Now Generic (pcapng) Capture File Format"; the clauses named are its.
struct PcapngFile: CaptureFormat {
  /// libpcap's limit too; a length beyond it is damage.
  static let maximumBlockLength = 16 << 20
  /// The shortest section header block, with which the file begins.
  static let headerLength = 28

  private(set) var interfaces: [CaptureInterface] = []
  /// The interfaces of the current section, in the order of their blocks.
  private var section: [SectionInterface] = []
  private var order = ByteOrder.littleEndian
  /// What the current section tells of the host.
  private var host = ""
  private var frameCount: UInt64 = 0
  /// Frames of interfaces whose link type is not read, beside others.
  private(set) var foreignFrames: UInt64 = 0
  private var firstUnknown: (number: UInt16, site: CaptureError.LinkTypeSite)?

  private struct SectionInterface {
    enum Link {
      /// At this place in `interfaces`.
      case known(Int)
      case unknown(UInt16)
    }
    var link: Link
    var name: String?
    var snapLength: UInt32
    var filter: String?
    var clock = PcapngClock()
    /// The sum of the drops that packet blocks tell, each since the packet before.
    var dropsBetweenFrames: UInt64 = 0
  }

  /// A whole block: its bytes from `start` to `end`, type, lengths and all.
  private struct Block {
    var type: UInt32
    var start: Int
    var end: Int
    /// Where it stands in the capture.
    var offset: UInt64

    var length: Int { end - start }
    /// Where the options or the data must end: before the length that is given again.
    var contentEnd: Int { end - 4 }
  }

  static func recognizes(_ prefix: [UInt8]) -> Bool {
    prefix.starts(with: [0x0a, 0x0d, 0x0d, 0x0a])
  }

  mutating func parse(
    _ bytes: Span<UInt8>, at offset: UInt64, into frames: inout [Frame]
  ) throws(CaptureError.Fault) -> ParsedRecords {
    var start = 0
    while bytes.count - start >= 12 {
      let type = bytes.uint32(at: start, order)
      let blockOffset = offset + UInt64(start)
      if type == PcapngBlockType.sectionHeader {
        try readByteOrder(bytes, at: start, blockOffset)
      }
      let length = bytes.uint32(at: start + 4, order)
      guard 12...UInt32(Self.maximumBlockLength) ~= length && length.isMultiple(of: 4) else {
        throw .impossibleBlock(offset: blockOffset, .length(length))
      }
      let end = start + Int(length)
      guard end <= bytes.count else { return ParsedRecords(length: start, needed: Int(length)) }
      let trailing = bytes.uint32(at: end - 4, order)
      guard trailing == length else {
        throw .impossibleBlock(offset: blockOffset, .trailingLength(trailing, expected: length))
      }
      try read(Block(type: type, start: start, end: end, offset: blockOffset), in: bytes, into: &frames)
      start = end
    }
    return ParsedRecords(length: start, needed: 12)
  }

  func finish() throws(CaptureError.Fault) {
    if interfaces.isEmpty, let (number, site) = firstUnknown {
      throw .unknownLinkType(number, site: site)
    }
  }

  @inline(__always)
  private mutating func read(
    _ block: Block, in bytes: Span<UInt8>, into frames: inout [Frame]
  ) throws(CaptureError.Fault) {
    switch block.type {
    case PcapngBlockType.enhancedPacket:
      if let frame = try enhancedPacket(block, in: bytes) { frames.append(frame) }
    case PcapngBlockType.simplePacket:
      if let frame = try simplePacket(block, in: bytes) { frames.append(frame) }
    case PcapngBlockType.obsoletePacket:
      if let frame = try obsoletePacket(block, in: bytes) { frames.append(frame) }
    case PcapngBlockType.sectionHeader:
      try readSectionHeader(block, in: bytes)
    case PcapngBlockType.interfaceDescription:
      try readInterfaceDescription(block, in: bytes)
    case PcapngBlockType.interfaceStatistics:
      try readInterfaceStatistics(block, in: bytes)
    case PcapngBlockType.journalEntry, PcapngBlockType.customCopyable, PcapngBlockType.customNotCopyable,
      PcapngBlockType.sysdigEvent, PcapngBlockType.sysdigEvent2, PcapngBlockType.sysdigEvent2Large:
      // No frames, but Wireshark numbers them as if they were.
      frameCount += 1
    default:
      break
    }
  }

  // MARK: Sections and interfaces

  /// Clause 4.1: a section is written in the byte order in which this number comes out right.
  private mutating func readByteOrder(
    _ bytes: Span<UInt8>, at start: Int, _ offset: UInt64
  ) throws(CaptureError.Fault) {
    switch bytes.uint32(at: start + 8, .littleEndian) {
    case 0x1a2b_3c4d: order = .littleEndian
    case 0x4d3c_2b1a: order = .bigEndian
    case let other: throw .impossibleBlock(offset: offset, .byteOrderMagic(found: other.byteSwapped))
    }
  }

  private mutating func readSectionHeader(_ block: Block, in bytes: Span<UInt8>) throws(CaptureError.Fault) {
    try require(Self.headerLength, of: block)
    let major = bytes.uint16(at: block.start + 12, order)
    guard major == 1 else {
      throw .unsupportedVersion(
        format: "pcapng", offset: block.offset + 12, major: major, minor: bytes.uint16(at: block.start + 14, order))
    }
    section.removeAll(keepingCapacity: true)
    host = ""
    var options = PcapngOptions(block.start + 24..<block.contentEnd, order)
    // shb_hardware, shb_os and shb_userappl.
    while let (code, value) = options.next(in: bytes) {
      if 2...4 ~= code { host += text(bytes, value) + "\n" }
    }
  }

  /// Clause 4.2.
  private mutating func readInterfaceDescription(_ block: Block, in bytes: Span<UInt8>) throws(CaptureError.Fault) {
    try require(20, of: block)
    let number = bytes.uint16(at: block.start + 8, order)
    var interface = SectionInterface(link: .unknown(number), snapLength: bytes.uint32(at: block.start + 12, order))
    var options = PcapngOptions(block.start + 16..<block.contentEnd, order)
    var mac = ""
    while let (code, value) = options.next(in: bytes) {
      switch (code, value.count) {
      case (2, _):
        interface.name = text(bytes, value)
      case (6, 6):
        mac = value.map { String(bytes[$0], radix: 16) }.joined(separator: ":")
      case (9, 1):
        let resolution = bytes[value.lowerBound]
        guard interface.clock.setResolution(resolution) else {
          throw .unsupportedResolution(interface: section.count, offset: block.offset, value: resolution)
        }
      // A string that libpcap compiles, which a zero before it tells from other kinds.
      case (11, 1...) where bytes[value.lowerBound] == 0:
        interface.filter = text(bytes, value.lowerBound + 1..<value.upperBound)
      case (14, 8):
        interface.clock.offset = Int64(bitPattern: bytes.uint64(at: value.lowerBound, order))
      default:
        break
      }
    }
    if let linkType = LinkType(fileValue: number) {
      interface.link = .known(interfaces.count)
      interfaces.append(
        CaptureInterface(
          name: interface.name, linkType: linkType, snapLength: snapLength(interface.snapLength),
          filter: interface.filter))
      interfaces[interfaces.count - 1].origin = host + mac
    } else if firstUnknown == nil {
      firstUnknown = (number, .interface(section.count, name: interface.name))
    }
    section.append(interface)
  }

  /// Clause 4.6. The counters run since the capture began.
  private mutating func readInterfaceStatistics(_ block: Block, in bytes: Span<UInt8>) throws(CaptureError.Fault) {
    try require(24, of: block)
    let id = bytes.uint32(at: block.start + 8, order)
    guard let id = Int(exactly: id), section.indices.contains(id) else { return }
    var drops: UInt64?
    var options = PcapngOptions(block.start + 20..<block.contentEnd, order)
    while let (code, value) = options.next(in: bytes) {
      // isb_ifdrop and isb_osdrop.
      if (code == 5 || code == 7) && value.count == 8 {
        drops = saturatingSum(drops ?? 0, bytes.uint64(at: value.lowerBound, order))
      }
      // isb_usrdeliv.
      if code == 8 && value.count == 8, case .known(let index) = section[id].link {
        interfaces[index].delivered = max(
          interfaces[index].delivered ?? 0, bytes.uint64(at: value.lowerBound, order))
      }
    }
    if let drops { noteDrops(drops, interface: id) }
  }

  private mutating func noteDrops(_ drops: UInt64, interface id: Int) {
    guard case .known(let index) = section[id].link else { return }
    interfaces[index].dropped = max(interfaces[index].dropped ?? 0, drops)
  }

  private mutating func noteDrops(sinceLastFrame drops: UInt64, interface id: Int) {
    let sum = saturatingSum(section[id].dropsBetweenFrames, drops)
    section[id].dropsBetweenFrames = sum
    noteDrops(sum, interface: id)
  }

  // MARK: Frames

  /// Clause 4.3.
  @inline(__always)
  private mutating func enhancedPacket(
    _ block: Block, in bytes: Span<UInt8>
  ) throws(CaptureError.Fault) -> Frame? {
    try require(32, of: block)
    let id = bytes.uint32(at: block.start + 8, order)
    let frame = try frame(
      block, in: bytes,
      interface: id,
      ticks: ticks(block, in: bytes),
      data: block.start + 28,
      capturedLength: bytes.uint32(at: block.start + 20, order),
      wireLength: bytes.uint32(at: block.start + 24, order))
    guard let frame else { return nil }
    let optionsStart = frame.offset + (frame.capturedLength + 3) & ~3
    if optionsStart < block.contentEnd {
      var options = PcapngOptions(optionsStart..<block.contentEnd, order)
      while let (code, value) = options.next(in: bytes) {
        // epb_dropcount.
        if code == 4 && value.count == 8 {
          noteDrops(sinceLastFrame: bytes.uint64(at: value.lowerBound, order), interface: Int(id))
        }
      }
    }
    return frame
  }

  /// Clause 4.4: a frame of the section's first interface, without a time; the shorter of its length on the wire and
  /// the snap length was captured.
  private mutating func simplePacket(
    _ block: Block, in bytes: Span<UInt8>
  ) throws(CaptureError.Fault) -> Frame? {
    try require(16, of: block)
    let wireLength = bytes.uint32(at: block.start + 8, order)
    let limit = section.first?.snapLength ?? 0
    return try frame(
      block, in: bytes,
      interface: 0,
      ticks: nil,
      data: block.start + 12,
      capturedLength: limit == 0 ? wireLength : min(limit, wireLength),
      wireLength: wireLength)
  }

  /// Appendix A.
  private mutating func obsoletePacket(
    _ block: Block, in bytes: Span<UInt8>
  ) throws(CaptureError.Fault) -> Frame? {
    try require(32, of: block)
    let id = bytes.uint16(at: block.start + 8, order)
    let frame = try frame(
      block, in: bytes,
      interface: UInt32(id),
      ticks: ticks(block, in: bytes),
      data: block.start + 28,
      capturedLength: bytes.uint32(at: block.start + 20, order),
      wireLength: bytes.uint32(at: block.start + 24, order))
    guard let frame else { return nil }
    let drops = bytes.uint16(at: block.start + 10, order)
    // All ones say that the writer does not know.
    if drops != .max { noteDrops(sinceLastFrame: UInt64(drops), interface: Int(id)) }
    return frame
  }

  /// The timestamp's halves, the higher one first in either byte order.
  @inline(__always)
  private func ticks(_ block: Block, in bytes: Span<UInt8>) -> UInt64 {
    UInt64(bytes.uint32(at: block.start + 12, order)) << 32 | UInt64(bytes.uint32(at: block.start + 16, order))
  }

  @inline(__always)
  private mutating func frame(
    _ block: Block, in bytes: Span<UInt8>, interface id: UInt32, ticks: UInt64?, data: Int,
    capturedLength: UInt32, wireLength: UInt32
  ) throws(CaptureError.Fault) -> Frame? {
    guard id < section.count else {
      throw .undescribedInterface(id, frame: frameCount + 1, offset: block.offset, described: section.count)
    }
    let room = block.contentEnd - data
    guard capturedLength <= room else {
      throw .impossibleBlock(offset: block.offset, .frameTooLong(capturedLength, room: room))
    }
    frameCount += 1
    guard case .known(let index) = section[Int(id)].link else {
      foreignFrames += 1
      return nil
    }
    return Frame(
      offset: data,
      capturedLength: Int(capturedLength),
      wireLength: Int(max(capturedLength, wireLength)),
      time: ticks.map(section[Int(id)].clock.time) ?? Timestamp(seconds: 0, nanoseconds: 0),
      interface: index,
      number: frameCount)
  }

  @inline(__always)
  private func require(_ minimum: Int, of block: Block) throws(CaptureError.Fault) {
    guard block.length >= minimum else {
      throw .impossibleBlock(offset: block.offset, .tooShort(UInt32(clamping: block.length), minimum: minimum))
    }
  }
}

/// A string option; some writers end it with a zero, which clause 3.5 does not ask for.
private func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
  var content: [UInt8] = []
  for index in range where bytes[index] != 0 { content.append(bytes[index]) }
  return String(decoding: content, as: UTF8.self)
}

private func saturatingSum(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
