public import Wire

/// Writes frames as a pcapng file of one section, with the names and filters of the interfaces, comments on frames, and what
/// was counted.
///
/// Source: draft-ietf-opsawg-pcapng, sections 4.1 to 4.3, 4.6 and 3.5 (options).
public struct PcapngWriter: Sendable {
  /// What is to be written next; the caller takes it away.
  public private(set) var bytes: [UInt8] = []

  private enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let application: UInt16 = 4
    static let interfaceName: UInt16 = 2
    static let timestampResolution: UInt16 = 9
    static let filter: UInt16 = 11
    static let droppedByInterface: UInt16 = 5
    static let passedFilter: UInt16 = 6
    static let droppedByKernel: UInt16 = 7
    static let delivered: UInt16 = 8
  }

  /// Begins a file. Times are written in nanoseconds.
  public init(interfaces: [CaptureInterface], application: String) {
    block(type: PcapngBlockType.sectionHeader) { block in
      block.append(0x1a2b_3c4d as UInt32)
      block.append(1 as UInt16)
      block.append(0 as UInt16)
      block.append(UInt64.max)
      block.option(Option.application, Array(application.utf8))
      block.option(Option.end, [])
    }
    for interface in interfaces {
      block(type: PcapngBlockType.interfaceDescription) { block in
        block.append(UInt16(truncatingIfNeeded: interface.linkType.rawValue))
        block.append(0 as UInt16)
        block.append(UInt32(clamping: interface.snapLength))
        if let name = interface.name { block.option(Option.interfaceName, Array(name.utf8)) }
        block.option(Option.timestampResolution, [9])
        if let filter = interface.filter { block.option(Option.filter, [0] + Array(filter.utf8)) }
        block.option(Option.end, [])
      }
    }
  }

  /// Writes what was counted of an interface, behind its last frame: so many of its frames are in the file.
  public mutating func add(
    _ statistics: LiveInterface.Statistics, delivered: UInt64?, interface: Int, at time: Timestamp
  ) {
    let time = nanoseconds(time)
    block(type: PcapngBlockType.interfaceStatistics) { block in
      block.append(UInt32(clamping: interface))
      block.append(UInt32(truncatingIfNeeded: time >> 32))
      block.append(UInt32(truncatingIfNeeded: time))
      block.option(Option.droppedByInterface, statistics.droppedByInterface)
      block.option(Option.passedFilter, statistics.received)
      block.option(Option.droppedByKernel, statistics.droppedByKernel)
      if let delivered { block.option(Option.delivered, delivered) }
      block.option(Option.end, [])
    }
  }

  private func nanoseconds(_ time: Timestamp) -> UInt64 {
    UInt64(time.seconds) * 1_000_000_000 + UInt64(time.nanoseconds)
  }

  /// Writes a frame, whose bytes stand in `buffer`.
  public mutating func add(_ frame: Frame, in buffer: [UInt8], comments: [String] = []) {
    guard frame.offset >= 0, frame.capturedLength >= 0, frame.offset + frame.capturedLength <= buffer.count else {
      return
    }
    let time = nanoseconds(frame.time)
    block(type: PcapngBlockType.enhancedPacket) { block in
      block.append(UInt32(clamping: frame.interface))
      block.append(UInt32(truncatingIfNeeded: time >> 32))
      block.append(UInt32(truncatingIfNeeded: time))
      block.append(UInt32(clamping: frame.capturedLength))
      block.append(UInt32(clamping: frame.wireLength))
      block.append(contentsOf: buffer[frame.offset..<frame.offset + frame.capturedLength])
      block.pad()
      for comment in comments { block.option(Option.comment, Array(comment.utf8)) }
      if !comments.isEmpty { block.option(Option.end, []) }
    }
  }

  /// Forgets what was taken away.
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  private mutating func block(type: UInt32, _ content: (inout Block) -> Void) {
    var block = Block(bytes: [])
    swap(&block.bytes, &bytes)
    let start = block.bytes.count
    block.append(type)
    block.append(0 as UInt32)
    content(&block)
    // Its length stands before and behind, with both counted.
    let length = UInt32(clamping: block.bytes.count - start + 4)
    block.append(length)
    for index in 0..<4 { block.bytes[start + 4 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    swap(&block.bytes, &bytes)
  }

  /// Little-endian, as the byte-order magic tells.
  private struct Block {
    var bytes: [UInt8]

    mutating func append(_ value: some FixedWidthInteger) {
      for index in 0..<value.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    mutating func append(contentsOf slice: ArraySlice<UInt8>) { bytes += slice }

    mutating func pad() { while bytes.count % 4 != 0 { bytes.append(0) } }

    mutating func option(_ code: UInt16, _ count: UInt64) {
      option(code, (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
    }

    mutating func option(_ code: UInt16, _ value: [UInt8]) {
      let value = value.prefix(Int(UInt16.max))
      append(code)
      append(UInt16(value.count))
      append(contentsOf: value)
      pad()
    }
  }
}
