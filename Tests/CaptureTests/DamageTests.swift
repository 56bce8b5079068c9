import Capture
import Foundation
import Testing

/// Files that break off or were changed: no trap, no frame outside the buffer, and the frames before.
@Suite struct DamageTests {
  private static let pcap = PcapBytes().header() + (0..<4).flatMap { PcapBytes().record(frameData($0, count: 20 + $0)) }
  private static let pcapng: [UInt8] = {
    let pcapng = PcapngBytes()
    return pcapng.section() + pcapng.interface(snapLength: 50, options: [(2, Array("eth0".utf8)), (9, [9])])
      + pcapng.enhanced(frameData(1), ticks: 5_000_000_000, options: [(4, pcapng.write(UInt64(1)))])
      + pcapng.simple(frameData(2, count: 33)) + pcapng.obsolete(frameData(3, count: 34), drops: 1)
      + pcapng.block(0xbad, [1, 2, 3, 4])
      + pcapng.statistics(options: [(5, pcapng.write(UInt64(3)))])
  }()

  @Test func aPcapCutAnywhereGivesItsWholeRecords() {
    var boundaries = [24]
    for index in 0..<4 { boundaries.append(boundaries[index] + 16 + 20 + index) }
    #expect(boundaries.last == Self.pcap.count)
    for length in 24...Self.pcap.count {
      let contents = read(Array(Self.pcap.prefix(length)))
      let whole = boundaries.prefix { $0 <= length }
      #expect(contents.error == nil, "cut at \(length)")
      #expect(contents.frames.count == whole.count - 1, "cut at \(length)")
      #expect(contents.truncatedAt == (whole.last == length ? nil : whole.last.map(UInt64.init)), "cut at \(length)")
    }
    for length in 0..<24 {
      #expect(read(Array(Self.pcap.prefix(length))).error != nil, "cut at \(length)")
    }
  }

  @Test func aPcapngCutAnywhereGivesItsWholeBlocks() {
    var boundaries: [Int] = []
    var start = 0
    while start < Self.pcapng.count {
      boundaries.append(start)
      start += Int(Self.pcapng[start + 4]) + Int(Self.pcapng[start + 5]) << 8
    }
    boundaries.append(start)
    #expect(boundaries.count == 8)
    for length in 28...Self.pcapng.count {
      let contents = read(Array(Self.pcapng.prefix(length)))
      let whole = boundaries.prefix { $0 <= length }
      #expect(contents.error == nil, "cut at \(length)")
      #expect(contents.frames.count == min(max(whole.count - 3, 0), 3), "cut at \(length)")
      #expect(contents.truncatedAt == (whole.last == length ? nil : whole.last.map(UInt64.init)), "cut at \(length)")
    }
    for length in 0..<28 {
      #expect(read(Array(Self.pcapng.prefix(length))).error != nil, "cut at \(length)")
    }
  }

  @Test func randomChangesNeverTrap() throws {
    var compressedCaptures: [[UInt8]] = []
    for tool in ["gzip", "zstd"] where Tool.exists(tool) {
      compressedCaptures.append(try compressed(Self.pcapng, by: tool))
    }
    let captures = [Self.pcap, Self.pcapng] + compressedCaptures
    let seed =
      ProcessInfo.processInfo.environment["CAPTURE_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
    print("randomChangesNeverTrap: CAPTURE_SEED=\(seed)")
    var random = SplitMix64(state: seed)
    let file = TemporaryFile([])
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(3)
    for _ in 0..<4000 where clock.now < deadline {
      var bytes = captures[Int.random(in: 0..<captures.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, using: &random) }
      file.write(bytes)
      _ = read(path: file.path, filter: Bool.random(using: &random) ? "tcp or greater 30" : nil)
    }
  }

  private func change(_ bytes: inout [UInt8], using random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
    case 3: bytes.insert(contentsOf: bytes.prefix(Int.random(in: 1...40, using: &random)), at: place)
    default:
      for index in place..<min(bytes.count, place + 4) { bytes[index] = .random(in: 0 ... .max, using: &random) }
    }
  }
}

/// Sebastiano Vigna's generator: the same numbers for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
