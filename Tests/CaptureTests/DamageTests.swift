import Capture
import Foundation
import TestSupport
import Testing
import Wire

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
    for tool in ["gzip", "zstd"] {
      compressedCaptures.append(try compressed(Self.pcapng, by: tool))
    }
    let captures = [Self.pcap, Self.pcapng] + compressedCaptures
    var random = SeededGenerator(seed: SeededGenerator.seed(for: "DamageTests"))
    let file = TemporaryFile([])
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(3)
    for _ in 0..<4000 where clock.now < deadline {
      var bytes = captures[Int.random(in: 0..<captures.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.damage(using: &random) }
      file.write(bytes)
      _ = read(path: file.path, filter: Bool.random(using: &random) ? "tcp or greater 30" : nil)
    }
  }
}
