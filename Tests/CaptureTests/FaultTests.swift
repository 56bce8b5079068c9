import Capture
import Foundation
import TestSupport
import Testing
import Wire

/// Every fault gives one line, that says what was expected, what was found and what to do.
@Suite struct FaultTests {
  private let pcap = PcapBytes()
  private let pcapng = PcapngBytes()

  @Test func aMissingFile() {
    #expect(
      read(path: "/nowhere/c.pcap").error?.description == "/nowhere/c.pcap: cannot open: No such file or directory")
  }

  @Test func aFolder() {
    #expect(read(path: "/").error?.description == "/: is a directory: name the capture files in it")
  }

  @Test func standardInputIsNamed() {
    #expect(
      CaptureError(path: "-", fault: .empty).description
        == "standard input: empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  #if os(Linux)
    @Test func aFileThatCannotBeRead() {
      #expect(
        read(path: "/proc/self/mem").error?.description
          == "/proc/self/mem: cannot read at offset 0: Input/output error")
    }
  #endif

  @Test func aFileThatIsCutWhileItIsRead() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "c.pcap",
      Data(pcap.header() + [[UInt8]](repeating: pcap.record([UInt8](repeating: 0, count: 1000)), count: 3000).joined()))
    let size = 24 + 3000 * 1016
    var reader = try CaptureReader(path: file.path)
    var batch = FrameBatch()
    var frames = 0
    // Whole frames are left, and no record that breaks off.
    let rest = 24 + 2000 * 1016
    do throws(CaptureError) {
      while try reader.read(into: &batch) {
        frames += batch.frames.count
        #expect(unsafe truncate(file.path, off_t(rest)) == 0)
      }
      Issue.record("it ends as if it were whole")
    } catch {
      #expect(error.fault == .shrank(from: UInt64(size), to: UInt64(rest)))
    }
    #expect(frames == 2000)
  }

  @Test func anEmptyFile() {
    #expect(errorLine([]) == "F: empty: expected a pcap or pcapng capture, found 0 bytes")
  }

  @Test func aFileThatIsNoCapture() {
    #expect(
      errorLine(Array("hello world".utf8))
        == #"F: not a capture: expected a pcap or pcapng magic number at offset 0, found 68656c6c ("hell")"#)
    #expect(
      errorLine([0x7f, 0x0a])
        == #"F: not a capture: expected a pcap or pcapng magic number at offset 0, found 7f0a ("..")"#)
  }

  @Test func aHeaderCutShort() {
    #expect(
      errorLine(Array(pcap.header().prefix(10)))
        == "F: cut short in its header: expected 24 bytes, found 10; there are no frames in it")
    #expect(
      errorLine(Array(pcapng.section().prefix(10)))
        == "F: cut short in its header: expected 28 bytes, found 10; there are no frames in it")
  }

  @Test func anotherVersion() {
    #expect(
      errorLine(pcap.header(major: 2, minor: 5))
        == "F: pcap version 2.5 at offset 4: expected version 2.0 to 2.4; save it again with Wireshark")
    #expect(
      errorLine(pcapng.section(major: 3))
        == "F: pcapng version 3.0 at offset 12: expected version 1.x; save it again with Wireshark")
  }

  @Test func aLinkTypeThatCannotBeDissected() {
    let known = """
      expected NULL, EN10MB, RAW, LOOP, LINUX_SLL, JUNIPER_ETHER, IPV4, IPV6, NFLOG, PKTAP, LINUX_SLL2, DSA_TAG_BRCM, \
      DSA_TAG_BRCM_PREPEND, DSA_TAG_DSA, DSA_TAG_EDSA; capture on another interface
      """
    #expect(
      errorLine(pcap.header(linkType: 105)) == "F: link type 105 (IEEE802_11) in the file header: \(known)")
    #expect(
      errorLine(pcap.header(linkType: 60_000)) == "F: link type 60000 in the file header: \(known)")
    let can = pcapng.section() + pcapng.interface(linkType: 227, options: [(2, Array("can0".utf8))])
    #expect(errorLine(can) == "F: link type 227 (CAN_SOCKETCAN) of interface 0 (can0): \(known)")
    #expect(errorLine(can + pcapng.enhanced([1], interface: 0)) == errorLine(can))
  }

  /// Beside another interface, its frames are counted and numbered, and passed over.
  @Test func framesOfAForeignLinkTypeBesideOthersArePassedOver() throws {
    let file =
      pcapng.section() + pcapng.interface(linkType: 227) + pcapng.interface()
      + pcapng.enhanced([1], interface: 1) + pcapng.enhanced([2], interface: 0) + pcapng.enhanced([3], interface: 1)
    let stored = TemporaryFile(file)
    var reader = try CaptureReader(path: stored.path)
    var batch = FrameBatch()
    var numbers: [UInt64] = []
    while try reader.read(into: &batch) { numbers += batch.frames.map(\.number) }
    #expect(numbers == [1, 3])
    #expect(reader.foreignFrames == 1)
    #expect(reader.interfaces.count == 1)
  }

  /// libpcap before 0.5 gave the length on the wire first; for 2.3 both are known.
  @Test(arguments: [(UInt16(2), true), (3, true), (3, false), (4, false)])
  func oldVersionsGiveLengthsTheOtherWayRound(minor: UInt16, isSwapped: Bool) throws {
    let lengths: [UInt32] = isSwapped ? [90, 4] : [4, 90]
    let header: [UInt8] = ([1, 0] + lengths).flatMap { (number: UInt32) -> [UInt8] in pcapng.write(number) }
    let record = header + [1, 2, 3, 4]
    let stored = TemporaryFile(pcap.header(major: 2, minor: minor) + record)
    var reader = try CaptureReader(path: stored.path)
    var batch = FrameBatch()
    let isMore = try reader.read(into: &batch)
    #expect(isMore)
    #expect(batch.frames.map(\.capturedLength) == [4])
    #expect(batch.frames.map(\.wireLength) == [90])
  }

  @Test func anImpossibleCapturedLength() {
    #expect(
      errorLine(pcap.header() + pcap.record(frameData(1)) + pcap.record([], capturedLength: 262_145))
        == """
        F: frame 2 at offset 100: expected at most 262144 captured bytes, found 262145; the file is damaged here
        """)
    #expect(
      errorLine(pcapng.section() + pcapng.interface() + pcapng.enhanced([1], capturedLength: 5))
        == "F: block at offset 48: expected at most 4 captured bytes, found 5; the file is damaged here")
    #expect(
      errorLine(pcapng.section() + pcapng.interface() + pcapng.simple([1], wireLength: 900))
        == "F: block at offset 48: expected at most 4 captured bytes, found 900; the file is damaged here")
  }

  @Test(arguments: [13, 8, 0, 16 << 20 + 4, .max] as [UInt32])
  func anImpossibleBlockLength(length: UInt32) {
    #expect(
      errorLine(pcapng.section() + pcapng.write(UInt32(6)) + pcapng.write(length) + pcapng.write(UInt32(0)))
        == """
        F: block at offset 28: expected a length between 12 and 16777216 that is a multiple of 4, found \(length); \
        the file is damaged here
        """)
  }

  @Test func aBlockThatEndsWithAnotherLength() {
    #expect(
      errorLine(pcapng.section() + pcapng.block(0x7777, [], trailingLength: 16))
        == "F: block at offset 28: expected its length 12 again at its end, found 16; the file is damaged here")
  }

  @Test(arguments: [(1, 20), (2, 32), (3, 16), (5, 24), (6, 32)] as [(UInt32, Int)])
  func aBlockTooShortForItsType(type: UInt32, minimum: Int) {
    #expect(
      errorLine(pcapng.section() + pcapng.block(type, []))
        == """
        F: block at offset 28: expected a length of at least \(minimum) for its type, found 12; the file is damaged here
        """)
  }

  @Test func aSectionWithoutByteOrder() {
    let bytes = pcapng.block(0x0a0d_0d0a, [1, 2, 3, 4] + frameData(0, count: 12))
    #expect(
      errorLine(bytes)
        == "F: block at offset 0: expected the byte-order magic 1a2b3c4d, found 01020304; the file is damaged here")
  }

  @Test func aFrameOfAnInterfaceThatIsNotDescribed() {
    #expect(
      errorLine(pcapng.section() + pcapng.interface() + pcapng.enhanced([1]) + pcapng.enhanced([1], interface: 3))
        == """
        F: frame 2 at offset 84: expected one of the 1 interfaces that its section describes, found interface 3; \
        the file is damaged here
        """)
  }

  @Test(arguments: [(20, "10^-20"), (0x80 | 64, "2^-64")] as [(UInt8, String)])
  func aResolutionThatNoClockHas(value: UInt8, name: String) {
    #expect(
      errorLine(pcapng.section() + pcapng.interface(options: [(9, [value])]))
        == """
        F: interface 0 at offset 28: expected a timestamp resolution of at finest 10^-19 or 2^-63 s, \
        found \(name) s; the file is damaged here
        """)
  }

  @Test func framesBeforeAFaultAreDelivered() {
    let contents = read(
      pcap.header() + pcap.record(frameData(1)) + pcap.record(frameData(2)) + pcap.record([], capturedLength: .max))
    #expect(contents.data == [frameData(1), frameData(2)])
    #expect(contents.error?.fault == .impossibleLength(frame: 3, offset: 176, length: .max))
  }

  @Test func aFaultIsFinal() throws {
    let file = TemporaryFile(pcap.header() + pcap.record(frameData(1)) + pcap.record([], capturedLength: .max))
    var reader = try CaptureReader(path: file.path)
    var batch = FrameBatch()
    #expect(try reader.read(into: &batch))
    for _ in 0..<2 {
      do {
        _ = try reader.read(into: &batch)
        Issue.record("expected the fault")
      } catch {
        #expect(error.fault == .impossibleLength(frame: 2, offset: 100, length: .max))
      }
    }
  }
}
