import Capture
import Foundation
import TestSupport
import Testing
import Wire

/// What is written is read again: frames, filters, and what was counted.
@Suite struct PcapngWriterTests {
  private static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 123_456_789)
  private static let filter = "host 10.1.10.10 or arp"

  private func written(statistics: [LiveInterface.Statistics?]) throws -> Contents {
    let interfaces = ["eth1", "eth2"].map {
      CaptureInterface(name: $0, linkType: .ethernet, snapLength: 256, filter: $0 == "eth1" ? Self.filter : "")
    }
    var writer = PcapngWriter(interfaces: interfaces, application: "test")
    let bytes = [UInt8](0..<60)
    for number in 1...3 {
      let frame = Frame(
        offset: 0, capturedLength: 60, wireLength: 1500, time: Self.start, interface: number % 2, number: UInt64(number)
      )
      writer.add(frame, in: bytes, comments: number == 2 ? ["seen"] : [])
    }
    for (interface, counted) in statistics.enumerated() {
      guard let counted else { continue }
      writer.add(counted, delivered: interface == 0 ? 1 : 2, interface: interface, at: Self.start)
    }
    let folder = try TemporaryFolder()
    let path = try folder.file("written.pcapng", Data(writer.bytes)).path
    return read(path: path)
  }

  private func counts(received: UInt64, kernel: UInt64, interface: UInt64) -> LiveInterface.Statistics {
    var counts = LiveInterface.Statistics()
    (counts.received, counts.droppedByKernel, counts.droppedByInterface) = (received, kernel, interface)
    return counts
  }

  @Test func dropsFiltersAndCountsComeBack() throws {
    let contents = try written(statistics: [
      counts(received: 9, kernel: 5, interface: 2), counts(received: 2, kernel: 0, interface: 0),
    ])
    #expect(contents.error == nil && contents.truncatedAt == nil)
    #expect(contents.numbers == [1, 2, 3])
    #expect(contents.times.allSatisfy { $0 == Self.start })
    #expect(contents.interfaces.map(\.name) == ["eth1", "eth2"])
    #expect(contents.interfaces.map(\.filter) == [Self.filter, ""])
    #expect(contents.interfaces.map(\.dropped) == [7, 0])
    #expect(contents.interfaces.map(\.delivered) == [1, 2])
  }

  @Test func whatWasNotCountedIsNotKnown() throws {
    let contents = try written(statistics: [nil, counts(received: 2, kernel: 0, interface: 0)])
    #expect(contents.interfaces.map(\.dropped) == [nil, 0])
    #expect(contents.interfaces.map(\.delivered) == [nil, 2])
  }

  /// Wireshark reads the same.
  @Test func anotherProgramReadsTheSameCounts() throws {
    var writer = PcapngWriter(
      interfaces: [CaptureInterface(name: "eth1", linkType: .ethernet, snapLength: 256, filter: Self.filter)],
      application: "test")
    let frame = Frame(offset: 0, capturedLength: 60, wireLength: 60, time: Self.start, interface: 0, number: 1)
    writer.add(frame, in: [UInt8](0..<60))
    writer.add(counts(received: 9, kernel: 5, interface: 2), delivered: 1, interface: 0, at: Self.start)
    let folder = try TemporaryFolder()
    let path = try folder.file("written.pcapng", Data(writer.bytes)).path
    let told = try CommandLineTool.output("capinfos", [path])
    #expect(told.contains("Filter string = \(Self.filter)"), "\(told)")
    #expect(told.contains("Number of stat entries = 1"))
  }
}
