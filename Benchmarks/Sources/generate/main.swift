import Foundation

// Writes a capture of many flows to one VIP, as the clients' network sees them under Direct Server Return: requests go
// to the balancer, replies come from the backends. The same arguments always give the same bytes.
//
//     generate small|mixed FLOWS FRAMES_PER_FLOW FILE

/// The lengths of a capture's frames.
enum Sizes: String {
  /// Every frame about 100 bytes.
  case small
  /// Requests are mostly bare acknowledgments, replies mostly full segments: 66 to 1514 bytes, about 800 on average.
  case mixed

  /// The payload of a segment in the middle of a flow.
  func payload(isRequest: Bool, _ random: UInt64) -> Int {
    switch (self, isRequest) {
    case (.small, _): 36
    case (.mixed, true): random % 10 < 7 ? 0 : 524
    case (.mixed, false): random % 20 < 19 ? 1448 : 524
    }
  }
}

/// xorshift64*, seeded: as random as this needs, and the same everywhere.
struct Generator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }
}

/// A flow on its way: requests and replies take turns, first the handshake, last the FINs.
struct OpenFlow {
  let index: UInt32
  var framesSent = 0
  var clientSequence: UInt32
  var serverSequence: UInt32

  init(index: UInt32) {
    self.index = index
    clientSequence = index &* 2_654_435_761
    serverSequence = index &* 2_246_822_519
  }

  /// 240 clients on the VIP's own network, each with its station and with as many ports as it takes.
  var clientIP: UInt32 { 0x0a01_0a0b + index % 240 }
  var clientPort: UInt16 { UInt16(10_000 + index / 240) }
  var clientMAC: UInt64 { 0x06ba_0000_0000 + UInt64(index % 240) }
  var backendMAC: UInt64 { 0x06d2_0ab1_1420 + UInt64(index % 16) }
}

/// Builds records one behind the other in a buffer.
struct RecordWriter {
  static let vip: UInt32 = 0x0a01_0a0a
  static let balancerMAC: UInt64 = 0x061f_8a6c_8ed2

  var buffer: [UInt8]
  var end = 0
  private var identification: UInt16 = 0

  /// The longest record: its header, and a full Ethernet frame.
  static let longest = 16 + 1514

  init(capacity: Int) { buffer = Array(repeating: 0, count: capacity) }

  var isFull: Bool { end + Self.longest > buffer.count }

  private mutating func put8(_ value: UInt8) {
    buffer[end] = value
    end += 1
  }
  private mutating func put16(_ value: UInt16) {
    put8(UInt8(truncatingIfNeeded: value >> 8))
    put8(UInt8(truncatingIfNeeded: value))
  }
  private mutating func put32(_ value: UInt32) {
    put16(UInt16(truncatingIfNeeded: value >> 16))
    put16(UInt16(truncatingIfNeeded: value))
  }
  private mutating func putMAC(_ value: UInt64) {
    put16(UInt16(truncatingIfNeeded: value >> 32))
    put32(UInt32(truncatingIfNeeded: value))
  }

  /// The global header of a pcap file: microseconds, little endian, Ethernet.
  mutating func fileHeader() {
    for word: UInt32 in [0xd4c3_b2a1, 0x0200_0400, 0, 0, 0x0000_0400, 0x0100_0000] { put32(word) }
  }

  /// One TCP segment of `flow`.
  mutating func segment(
    of flow: OpenFlow, isRequest: Bool, flags: UInt8, payload: Int, atMicrosecond time: UInt64
  ) {
    let isSYN = flags & 0x02 != 0
    let tcpLength = isSYN ? 40 : 32
    let length = 14 + 20 + tcpLength + payload
    put32((1_709_294_400 + UInt32(time / 1_000_000)).byteSwapped)
    put32(UInt32(time % 1_000_000).byteSwapped)
    put32(UInt32(length).byteSwapped)
    put32(UInt32(length).byteSwapped)

    putMAC(isRequest ? Self.balancerMAC : flow.clientMAC)
    putMAC(isRequest ? flow.clientMAC : flow.backendMAC)
    put16(0x0800)

    let ipStart = end
    identification &+= 1
    put16(0x4500)
    put16(UInt16(20 + tcpLength + payload))
    put16(identification)
    put16(0x4000)
    put16(0x4006)
    put16(0)
    put32(isRequest ? flow.clientIP : Self.vip)
    put32(isRequest ? Self.vip : flow.clientIP)
    setChecksum(sum(ipStart..<end), at: ipStart + 10)

    let tcpStart = end
    put16(isRequest ? flow.clientPort : 80)
    put16(isRequest ? 80 : flow.clientPort)
    put32(isRequest ? flow.clientSequence : flow.serverSequence)
    put32(flags & 0x10 == 0 ? 0 : isRequest ? flow.serverSequence : flow.clientSequence)
    put8(UInt8(tcpLength / 4) << 4)
    put8(flags)
    put16(502)
    put32(0)
    if isSYN {
      put32(0x0204_05b4)  // maximum segment size 1460
      put32(0x0402_080a)  // selective acknowledgments permitted, timestamps
    } else {
      put32(0x0101_080a)  // two no-operations, timestamps
    }
    put32(UInt32(truncatingIfNeeded: time / 1000))
    put32(flow.index)
    if isSYN { put32(0x0103_0307) }  // no-operation, window scale 7
    // The payload is all zeros, which the buffer may not be.
    for index in end..<(end + payload) { buffer[index] = 0 }
    end += payload
    let pseudoHeader = sum((ipStart + 12)..<(ipStart + 20)) + 6 + UInt64(tcpLength + payload)
    setChecksum(pseudoHeader + sum(tcpStart..<(tcpStart + tcpLength)), at: tcpStart + 16)
  }

  private func sum(_ range: Range<Int>) -> UInt64 {
    var sum: UInt64 = 0
    for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
      sum += UInt64(buffer[index]) << 8 | UInt64(buffer[index + 1])
    }
    return sum
  }

  private mutating func setChecksum(_ sum: UInt64, at index: Int) {
    var sum = sum
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    let checksum = ~UInt16(truncatingIfNeeded: sum)
    buffer[index] = UInt8(truncatingIfNeeded: checksum >> 8)
    buffer[index + 1] = UInt8(truncatingIfNeeded: checksum)
  }
}

/// Sends the next frame of a flow.
func advance(
  _ flow: inout OpenFlow, of frames: Int, sizes: Sizes, random: UInt64, at time: UInt64, into writer: inout RecordWriter
) {
  let isRequest = flow.framesSent.isMultiple(of: 2)
  let turn = flow.framesSent / 2
  let (syn, ack, fin, push): (UInt8, UInt8, UInt8, UInt8) = (0x02, 0x10, 0x01, 0x08)
  let isFirst = turn == 0
  let isLast = turn == frames / 2 - 1
  let payload = isFirst || isLast ? 0 : sizes.payload(isRequest: isRequest, random)
  let flags =
    isFirst ? (isRequest ? syn : syn | ack) : isLast ? fin | ack : payload > 0 ? push | ack : ack
  writer.segment(of: flow, isRequest: isRequest, flags: flags, payload: payload, atMicrosecond: time)
  let consumed = UInt32(payload) + (isFirst || isLast ? 1 : 0)
  if isRequest { flow.clientSequence &+= consumed } else { flow.serverSequence &+= consumed }
  flow.framesSent += 1
}

func generate(_ sizes: Sizes, flows: Int, framesPerFlow: Int, to file: FileHandle) throws {
  /// So many flows are under way at the same time.
  let openAtOnce = 4096
  var random = Generator(seed: 0x5eed_0d5b)
  var writer = RecordWriter(capacity: 4 << 20)
  writer.fileHeader()
  var open = (0..<min(openAtOnce, flows)).map { OpenFlow(index: UInt32($0)) }
  var started = open.count
  var time: UInt64 = 0
  while !open.isEmpty {
    let draw = random.next()
    let chosen = Int((draw >> 32) % UInt64(open.count))
    time += 1 + draw & 7
    advance(
      &open[chosen], of: framesPerFlow, sizes: sizes, random: draw >> 8 & 0xffff, at: time, into: &writer)
    if open[chosen].framesSent == framesPerFlow {
      if started < flows {
        open[chosen] = OpenFlow(index: UInt32(started))
        started += 1
      } else {
        open.swapAt(chosen, open.count - 1)
        open.removeLast()
      }
    }
    if writer.isFull || open.isEmpty {
      try file.write(contentsOf: writer.buffer[..<writer.end])
      writer.end = 0
    }
  }
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 4, let sizes = Sizes(rawValue: arguments[1]), let flows = Int(arguments[2]), flows > 0,
  let framesPerFlow = Int(arguments[3]), framesPerFlow >= 4, framesPerFlow.isMultiple(of: 2)
else {
  try FileHandle.standardError.write(
    contentsOf: Data("usage: generate small|mixed FLOWS FRAMES_PER_FLOW FILE (an even number of frames)\n".utf8))
  exit(64)
}
// Under another name until it is whole, so that a broken run leaves no half file behind to be measured.
let partial = arguments[4] + ".partial"
guard FileManager.default.createFile(atPath: partial, contents: nil), let file = FileHandle(forWritingAtPath: partial)
else {
  try FileHandle.standardError.write(contentsOf: Data("generate: cannot write \(partial)\n".utf8))
  exit(2)
}
try generate(sizes, flows: flows, framesPerFlow: framesPerFlow, to: file)
try file.close()
try FileManager.default.moveItem(atPath: partial, toPath: arguments[4])
