/// Writes numbers in either byte order, for captures made by hand.
struct ByteWriter {
  var isBigEndian = false

  func callAsFunction(_ value: some FixedWidthInteger) -> [UInt8] {
    let little = (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    return isBigEndian ? little.reversed() : little
  }
}

/// Pieces of pcap files.
struct PcapBytes {
  var write = ByteWriter()

  func header(
    magic: UInt32 = 0xa1b2_c3d4, major: UInt16 = 2, minor: UInt16 = 4, snapLength: UInt32 = 65_535, linkType: UInt32 = 1
  ) -> [UInt8] {
    write(magic) + write(major) + write(minor) + write(UInt64(0)) + write(snapLength) + write(linkType)
  }

  func record(
    _ data: [UInt8], seconds: UInt32 = 1000, fraction: UInt32 = 0, wireLength: UInt32? = nil,
    capturedLength: UInt32? = nil,
    extraHeader: [UInt8] = []
  ) -> [UInt8] {
    write(seconds) + write(fraction) + write(capturedLength ?? UInt32(data.count))
      + write(wireLength ?? UInt32(data.count)) + extraHeader + data
  }
}

/// Pieces of pcapng files.
struct PcapngBytes {
  var write = ByteWriter()

  func block(_ type: UInt32, _ body: [UInt8], trailingLength: UInt32? = nil) -> [UInt8] {
    let padded = pad(body)
    let length = UInt32(padded.count + 12)
    return write(type) + write(length) + padded + write(trailingLength ?? length)
  }

  func section(major: UInt16 = 1) -> [UInt8] {
    block(0x0a0d_0d0a, write(UInt32(0x1a2b_3c4d)) + write(major) + write(UInt16(0)) + write(Int64(-1)))
  }

  func interface(linkType: UInt16 = 1, snapLength: UInt32 = 0, options: [(UInt16, [UInt8])] = []) -> [UInt8] {
    block(1, write(linkType) + write(UInt16(0)) + write(snapLength) + self.options(options))
  }

  func enhanced(
    _ data: [UInt8], interface: UInt32 = 0, ticks: UInt64 = 0, wireLength: UInt32? = nil, capturedLength: UInt32? = nil,
    options: [(UInt16, [UInt8])] = []
  ) -> [UInt8] {
    let lengths = write(capturedLength ?? UInt32(data.count)) + write(wireLength ?? UInt32(data.count))
    return block(6, write(interface) + self.ticks(ticks) + lengths + pad(data) + self.options(options))
  }

  func simple(_ data: [UInt8], wireLength: UInt32? = nil) -> [UInt8] {
    block(3, write(wireLength ?? UInt32(data.count)) + data)
  }

  func obsolete(_ data: [UInt8], interface: UInt16 = 0, drops: UInt16 = .max, ticks: UInt64 = 0) -> [UInt8] {
    let lengths = write(UInt32(data.count)) + write(UInt32(data.count))
    return block(2, write(interface) + write(drops) + self.ticks(ticks) + lengths + data)
  }

  func statistics(interface: UInt32 = 0, options: [(UInt16, [UInt8])]) -> [UInt8] {
    block(5, write(interface) + ticks(0) + self.options(options))
  }

  private func options(_ options: [(UInt16, [UInt8])]) -> [UInt8] {
    if options.isEmpty { return [] }
    return options.flatMap { code, value in write(code) + write(UInt16(value.count)) + pad(value) } + write(UInt32(0))
  }

  private func ticks(_ ticks: UInt64) -> [UInt8] {
    write(UInt32(truncatingIfNeeded: ticks >> 32)) + write(UInt32(truncatingIfNeeded: ticks))
  }

  private func pad(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}

/// A frame's content, different for every seed.
func frameData(_ seed: Int, count: Int = 60) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: seed &* 31 &+ $0) }
}

/// An Ethernet frame of TCP over IPv4, for filters.
func tcpFrame(to port: UInt16) -> [UInt8] {
  let big = ByteWriter(isBigEndian: true)
  let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
  let ip: [UInt8] = [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 1, 0, 1, 10, 1, 10, 10]
  let tcp = big(UInt16(40_000)) + big(port) + big(UInt64(0)) + [0x50, 2, 0xff, 0xff, 0, 0, 0, 0]
  return ethernet + ip + tcp
}
