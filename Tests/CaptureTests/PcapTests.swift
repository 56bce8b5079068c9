import Capture
import Testing
import Wire

@Suite struct PcapTests {
  @Test(arguments: [false, true])
  func everyVariantIsReadInBothByteOrders(isBigEndian: Bool) {
    let pcap = PcapBytes(write: ByteWriter(isBigEndian: isBigEndian))
    let variants: [(magic: UInt32, extraHeader: Int, nanoseconds: UInt32)] = [
      (0xa1b2_c3d4, 0, 123_456_000), (0xa1b2_3c4d, 0, 123_456), (0xa1b2_cd34, 8, 123_456_000),
    ]
    for variant in variants {
      let extra = [UInt8](repeating: 7, count: variant.extraHeader)
      let contents = read(
        pcap.header(magic: variant.magic)
          + pcap.record(frameData(1), seconds: 7, fraction: 123_456, extraHeader: extra)
          + pcap.record(frameData(2, count: 9), seconds: 8, fraction: 0, wireLength: 1500, extraHeader: extra))
      #expect(contents.error == nil)
      #expect(contents.truncatedAt == nil)
      #expect(contents.data == [frameData(1), frameData(2, count: 9)])
      #expect(contents.numbers == [1, 2])
      #expect(contents.frames.map(\.record.wireLength) == [60, 1500])
      #expect(
        contents.times == [
          Timestamp(seconds: 7, nanoseconds: variant.nanoseconds), Timestamp(seconds: 8, nanoseconds: 0),
        ])
    }
  }

  /// Text has numbers of its own, which no file has.
  @Test(arguments: LinkType.allCases.filter(\.isText))
  func noFileSaysThatItIsText(linkType: LinkType) {
    let contents = read(PcapBytes().header(snapLength: 96, linkType: UInt32(linkType.rawValue)))
    #expect(contents.interfaces.isEmpty && contents.error != nil)
  }

  @Test(arguments: LinkType.allCases.filter { !$0.isText })
  func theLinkTypeComesFromTheHeader(linkType: LinkType) {
    let contents = read(PcapBytes().header(snapLength: 96, linkType: UInt32(linkType.rawValue)))
    #expect(contents.interfaces == [CaptureInterface(linkType: linkType, snapLength: 96)])
  }

  @Test func theFrameCheckSequenceLengthIsNoPartOfTheLinkType() {
    let contents = read(PcapBytes().header(linkType: 0x2400_0001))
    #expect(contents.interfaces.map(\.linkType) == [.ethernet])
  }

  @Test(arguments: [0, 0x8000_0000, UInt32.max])
  func aSnapLengthBeyondReasonIsNone(snapLength: UInt32) {
    #expect(read(PcapBytes().header(snapLength: snapLength)).interfaces.map(\.snapLength) == [0])
  }

  @Test func aWireLengthShorterThanWhatWasCapturedIsRaisedToIt() {
    let contents = read(PcapBytes().header() + PcapBytes().record(frameData(1), wireLength: 4))
    #expect(contents.frames.map(\.record.wireLength) == [60])
  }

  @Test func aFrameLongerThanTheSnapLengthIsDeliveredWhole() {
    let contents = read(PcapBytes().header(snapLength: 20) + PcapBytes().record(frameData(1)))
    #expect(contents.data == [frameData(1)])
  }

  @Test(
    arguments: [
      (0xa1b2_c3d4, 3_500_000, 1003, 500_000_000), (0xa1b2_3c4d, 3_500_000_000, 1003, 500_000_000),
      (0xa1b2_c3d4, UInt32.max, 1000 + 4294, 967_295_000),
    ] as [(UInt32, UInt32, UInt32, UInt32)])
  func aFractionOfMoreThanASecondIsCarried(magic: UInt32, fraction: UInt32, seconds: UInt32, nanoseconds: UInt32) {
    let contents = read(PcapBytes().header(magic: magic) + PcapBytes().record([1], fraction: fraction))
    #expect(contents.times == [Timestamp(seconds: seconds, nanoseconds: nanoseconds)])
  }

  @Test func timesAreClampedAtTheirEnd() {
    let contents = read(PcapBytes().header() + PcapBytes().record([1], seconds: .max, fraction: .max))
    #expect(contents.times.map(\.seconds) == [UInt32.max])
  }

  @Test func framesAcrossBlocksKeepTheirBytesAndNumbers() {
    let expected = (0..<4000).map { frameData($0, count: 40 + $0 * 37 % 1500) }
    let contents = read(PcapBytes().header() + expected.flatMap { PcapBytes().record($0) })
    #expect(contents.data == expected)
    #expect(contents.numbers == (1...4000).map(UInt64.init))
  }

  @Test func aRecordLargerThanABlockIsReadWhole() {
    let expected = [frameData(1), frameData(2, count: 262_144), frameData(3), frameData(4, count: 262_144)]
    let contents = read(PcapBytes().header() + expected.flatMap { PcapBytes().record($0) })
    #expect(contents.data == expected)
  }

  @Test func aFrameMayBeEmpty() {
    let contents = read(PcapBytes().header() + PcapBytes().record([], wireLength: 60))
    #expect(contents.data == [[]])
    #expect(contents.frames.map(\.record.wireLength) == [60])
  }

  @Test func aFileWithoutFramesIsACapture() {
    let contents = read(PcapBytes().header())
    #expect(contents.error == nil && contents.frames.isEmpty && contents.truncatedAt == nil)
  }

  @Test func aBatchMayBeAnotherOneEveryTime() throws {
    let expected = (0..<2000).map { frameData($0, count: 400) }
    let file = TemporaryFile(PcapBytes().header() + expected.flatMap { PcapBytes().record($0) })
    var reader = try CaptureReader(path: file.path)
    var found: [[UInt8]] = []
    var batch = FrameBatch()
    while try reader.read(into: &batch) {
      found += batch.frames.map { Array(batch.bytes[$0.offset..<$0.offset + $0.capturedLength]) }
      batch = FrameBatch()
    }
    #expect(found == expected)
  }
}
