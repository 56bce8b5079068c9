import Capture
import Testing
import Wire

@Suite struct PcapngTests {
  private let pcapng = PcapngBytes()

  @Test(arguments: [false, true])
  func everyPacketBlockIsReadInBothByteOrders(isBigEndian: Bool) {
    let pcapng = PcapngBytes(write: ByteWriter(isBigEndian: isBigEndian))
    let contents = read(
      pcapng.section() + pcapng.interface(snapLength: 100)
        + pcapng.enhanced(frameData(1, count: 61), ticks: 0x5_0000_0000, wireLength: 900)
        + pcapng.simple(frameData(2, count: 62))
        + pcapng.obsolete(frameData(3, count: 63), ticks: 3_000_001))
    #expect(contents.error == nil)
    #expect(contents.truncatedAt == nil)
    #expect(contents.data == [frameData(1, count: 61), frameData(2, count: 62), frameData(3, count: 63)])
    #expect(contents.frames.map(\.record.wireLength) == [900, 62, 63])
    #expect(contents.numbers == [1, 2, 3])
    #expect(
      contents.times == [
        Timestamp(seconds: 21_474, nanoseconds: 836_480_000), Timestamp(seconds: 0, nanoseconds: 0),
        Timestamp(seconds: 3, nanoseconds: 1000),
      ])
    #expect(contents.interfaces == [CaptureInterface(linkType: .ethernet, snapLength: 100)])
  }

  @Test func aSimplePacketBlockIsCutAtTheSnapLength() {
    let contents = read(
      pcapng.section() + pcapng.interface(snapLength: 5) + pcapng.simple(frameData(1, count: 5), wireLength: 800))
    #expect(contents.data == [frameData(1, count: 5)])
    #expect(contents.frames.map(\.record.wireLength) == [800])
  }

  @Test func everySectionHasItsByteOrderAndItsInterfaces() {
    let big = PcapngBytes(write: ByteWriter(isBigEndian: true))
    let contents = read(
      pcapng.section() + pcapng.interface(linkType: 1) + pcapng.interface(linkType: 113)
        + pcapng.enhanced(frameData(1), interface: 1)
        + big.section() + big.interface(linkType: 101) + big.enhanced(frameData(2))
        + pcapng.section() + pcapng.interface(linkType: 276) + pcapng.enhanced(frameData(3)))
    #expect(contents.error == nil)
    #expect(contents.data == [frameData(1), frameData(2), frameData(3)])
    #expect(contents.interfaces.map(\.linkType) == [.ethernet, .linuxSLL, .raw, .linuxSLL2])
    #expect(contents.frames.map(\.record.interface) == [1, 2, 3])
    #expect(contents.numbers == [1, 2, 3])
  }

  @Test func interfacesHaveNames() {
    let contents = read(
      pcapng.section() + pcapng.interface(options: [(2, Array("eth0".utf8)), (3, Array("to the clients".utf8))])
        + pcapng.interface(options: [(2, Array("wlan0\0".utf8))]))
    #expect(contents.interfaces.map(\.name) == ["eth0", "wlan0"])
  }

  @Test(
    arguments: [
      (6, 1_500_000, 1, 500_000_000), (9, 1_500_000_000, 1, 500_000_000), (3, 1500, 1, 500_000_000), (0, 7, 7, 0),
      (19, 15_000_000_000_000_000_000, 1, 500_000_000), (12, 2_000_000_000_001, 2, 0),
      (0x80 | 10, 1536, 1, 500_000_000),
      (0x80 | 63, 1 << 63 | 1 << 62, 1, 500_000_000), (0x80, 7, 7, 0), (9, .max, .max, 999_999_999),
      (0, .max, .max, 999_999_999),
    ] as [(UInt8, UInt64, UInt32, UInt32)])
  func timesHaveTheInterfacesResolution(resolution: UInt8, ticks: UInt64, seconds: UInt32, nanoseconds: UInt32) {
    let contents = read(
      pcapng.section() + pcapng.interface(options: [(9, [resolution])]) + pcapng.enhanced([1], ticks: ticks))
    #expect(contents.times == [Timestamp(seconds: seconds, nanoseconds: nanoseconds)])
  }

  @Test(
    arguments: [
      (1000, 5_000_000, 1005, 0), (-2, 5_000_001, 3, 1000), (-6, 5_000_001, 0, 0), (.max, .max, .max, 999_999_999),
      (.min, .max, 0, 0),
    ] as [(Int64, UInt64, UInt32, UInt32)])
  func timesHaveTheInterfacesOffset(offset: Int64, ticks: UInt64, seconds: UInt32, nanoseconds: UInt32) {
    let contents = read(
      pcapng.section() + pcapng.interface(options: [(14, pcapng.write(offset))]) + pcapng.enhanced([1], ticks: ticks))
    #expect(contents.times == [Timestamp(seconds: seconds, nanoseconds: nanoseconds)])
  }

  @Test func interfacesOfOneSectionKeepTheirOwnClocks() {
    let contents = read(
      pcapng.section() + pcapng.interface(options: [(9, [3])]) + pcapng.interface(options: [(9, [0])])
        + pcapng.enhanced([1], interface: 0, ticks: 4000) + pcapng.enhanced([2], interface: 1, ticks: 4000))
    #expect(contents.times.map(\.seconds) == [4, 4000])
  }

  @Test func blocksOfOtherTypesAreSkipped() {
    let contents = read(
      pcapng.section() + pcapng.block(4, [0, 0, 0, 0]) + pcapng.interface() + pcapng.block(0x7777, frameData(0))
        + pcapng.enhanced(frameData(1)) + pcapng.block(10, []) + pcapng.enhanced(frameData(2)))
    #expect(contents.data == [frameData(1), frameData(2)])
    #expect(contents.numbers == [1, 2])
  }

  /// As seen in tshark 4.0: these appear in its list of packets.
  @Test(arguments: [9, 0x0bad, 0x4000_0bad, 0x204, 0x216, 0x221] as [UInt32])
  func recordsThatWiresharkNumbersAreCounted(type: UInt32) {
    let contents = read(
      pcapng.section() + pcapng.interface() + pcapng.enhanced(frameData(1)) + pcapng.block(type, frameData(0))
        + pcapng.enhanced(frameData(2)))
    #expect(contents.numbers == [1, 3])
  }

  @Test func aBlockLargerThanABufferIsReadWhole() {
    let contents = read(
      pcapng.section() + pcapng.interface() + pcapng.block(0x7777, frameData(0, count: 3 << 20))
        + pcapng.enhanced(frameData(1, count: 1 << 20)) + pcapng.enhanced(frameData(2)))
    #expect(contents.data == [frameData(1, count: 1 << 20), frameData(2)])
  }

  @Test func dropsAreTheLastStatisticsOfTheInterface() {
    func counter(_ value: UInt64) -> [UInt8] { pcapng.write(value) }
    let contents = read(
      pcapng.section() + pcapng.interface() + pcapng.interface() + pcapng.interface()
        + pcapng.statistics(interface: 0, options: [(4, counter(100)), (5, counter(3)), (7, counter(4))])
        + pcapng.statistics(interface: 1, options: [(4, counter(100))])
        + pcapng.statistics(interface: 2, options: [(5, counter(.max)), (7, counter(.max))])
        + pcapng.statistics(interface: 0, options: [(5, counter(3)), (7, counter(9))])
        + pcapng.statistics(interface: 7, options: [(5, counter(3))]))
    #expect(contents.error == nil)
    #expect(contents.interfaces.map(\.dropped) == [12, nil, UInt64.max])
  }

  @Test func dropsToldBetweenFramesAreSummed() {
    let contents = read(
      pcapng.section() + pcapng.interface() + pcapng.obsolete([1], drops: 2) + pcapng.obsolete([2], drops: .max)
        + pcapng.enhanced([3], options: [(2, [0, 0, 0, 0]), (4, pcapng.write(UInt64(5)))]))
    #expect(contents.interfaces.map(\.dropped) == [7])
    #expect(read(pcapng.section() + pcapng.interface() + pcapng.obsolete([1])).interfaces.map(\.dropped) == [nil])
  }

  @Test func optionsThatContradictTheBlockAreIgnored() {
    let name = pcapng.write(UInt16(2)) + pcapng.write(UInt16(200)) + Array("eth0".utf8)
    let description = pcapng.write(UInt16(1)) + pcapng.write(UInt16(0)) + pcapng.write(UInt32(0))
    let contents = read(pcapng.section() + pcapng.block(1, description + name) + pcapng.enhanced(frameData(1)))
    #expect(contents.error == nil)
    #expect(contents.interfaces.map(\.name) == [nil])
    #expect(contents.data == [frameData(1)])
  }

  @Test func anInterfaceOfUnknownLinkTypeWithoutFramesIsFine() {
    let contents = read(
      pcapng.section() + pcapng.interface(linkType: 227) + pcapng.interface(linkType: 113)
        + pcapng.statistics(interface: 0, options: [(5, pcapng.write(UInt64(1)))])
        + pcapng.enhanced(frameData(1), interface: 1))
    #expect(contents.error == nil)
    #expect(contents.interfaces.map(\.linkType) == [.linuxSLL])
    #expect(contents.frames.map(\.record.interface) == [0])
  }

  @Test func aSectionWithoutInterfacesIsACapture() {
    let contents = read(pcapng.section())
    #expect(contents.error == nil && contents.frames.isEmpty && contents.truncatedAt == nil)
  }
}
