import Capture
import Testing
import Wire

@Suite struct CompressionTests {
  private static let expected = (0..<5000).map { frameData($0, count: 100 + $0 % 200) }
  private static let pcap = PcapBytes().header() + expected.flatMap { PcapBytes().record($0) }
  private static let pcapng =
    PcapngBytes().section() + PcapngBytes().interface() + expected.flatMap { PcapngBytes().enhanced($0) }

  @Test(arguments: ["gzip", "zstd"])
  func compressedCapturesAreToldByTheirContent(tool: String) throws {
    for capture in [Self.pcap, Self.pcapng] {
      let contents = read(try compressed(capture, by: tool))
      #expect(contents.error == nil)
      #expect(contents.truncatedAt == nil)
      #expect(contents.data == Self.expected)
    }
  }

  @Test(arguments: ["gzip", "zstd"])
  func partsThatWereCompressedAloneAreOne(tool: String) throws {
    let parts = [Self.pcap.prefix(1), Self.pcap[1..<700_000], Self.pcap[700_000..<700_000], Self.pcap[700_000...]]
    let contents = read(try parts.flatMap { try compressed(Array($0), by: tool) })
    #expect(contents.error == nil)
    #expect(contents.truncatedAt == nil)
    #expect(contents.data == Self.expected)
  }

  @Test
  func zerosBehindGzipArePadding() throws {
    let contents = read(try compressed(Self.pcap, by: "gzip") + [UInt8](repeating: 0, count: 300_000))
    #expect(contents.error == nil)
    #expect(contents.truncatedAt == nil)
    #expect(contents.data == Self.expected)
  }

  @Test
  func skippableFramesAreSkipped() throws {
    let skippable: [UInt8] = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    let contents = read(try skippable + compressed(Self.pcap, by: "zstd") + skippable)
    #expect(contents.error == nil)
    #expect(contents.data == Self.expected)
  }

  @Test(arguments: ["gzip", "zstd"])
  func aStreamCutShortGivesTheFramesBefore(tool: String) throws {
    let whole = try compressed(Self.pcap, by: tool)
    for length in [whole.count / 3, whole.count / 2, whole.count - 1] {
      let contents = read(Array(whole.prefix(length)))
      #expect(contents.error == nil)
      #expect(contents.data == Array(Self.expected.prefix(contents.frames.count)))
      let records = contents.data.reduce(24) { $0 + 16 + UInt64($1.count) }
      #expect(contents.truncatedAt == records)
    }
  }

  @Test(arguments: ["gzip", "zstd"])
  func aStreamCutAtAnyOffsetIsNoTrap(tool: String) throws {
    let whole = try compressed(
      PcapBytes().header() + (0..<3).flatMap { PcapBytes().record(frameData($0)) }, by: tool)
    for length in 0..<whole.count {
      let contents = read(Array(whole.prefix(length)))
      #expect(contents.error != nil || contents.truncatedAt != nil, "cut at \(length) of \(whole.count)")
    }
  }

  @Test(arguments: ["gzip", "zstd"])
  func anEmptyStreamIsAnEmptyCapture(tool: String) throws {
    #expect(
      errorLine(try compressed([], by: tool)) == "F: empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  @Test
  func damagedGzipIsAnError() throws {
    var bytes = try compressed(PcapBytes().header(), by: "gzip", "-n")
    bytes[bytes.count - 6] ^= 1
    #expect(
      errorLine(bytes + frameData(1))?.hasSuffix(
        "of the file: expected gzip data, found incorrect data check; copy it again") == true)
    #expect(
      errorLine(try compressed(PcapBytes().header(), by: "gzip") + Array("hello".utf8))?.hasSuffix(
        "of the file: expected gzip data, found incorrect header check; copy it again") == true)
  }

  @Test
  func damagedZstdIsAnError() throws {
    var bytes = try compressed(PcapBytes().header(), by: "zstd", "--check")
    bytes[bytes.count - 1] ^= 1
    #expect(
      errorLine(bytes)?.hasSuffix(
        "of the file: expected zstd data, found Restored data doesn't match checksum; copy it again") == true)
  }
}
