import Capture
import TestSupport
import Testing
import Wire

@Suite struct FilterTests {
  private static let ports: [UInt16] = (0..<3000).map { [80, 443, 8080, 53, 80][$0 % 5] + UInt16($0 / 1000) }
  private static let pcap = PcapBytes().header() + ports.flatMap { PcapBytes().record(tcpFrame(to: $0)) }

  @Test func hiddenFramesAreCounted() {
    let frames = [80, 443, 80, 443, 443, 80].flatMap { PcapBytes().record(tcpFrame(to: $0)) }
    let contents = read(PcapBytes().header() + frames, filter: "tcp dst port 80")
    #expect(contents.numbers == [1, 3, 6])
    #expect(contents.data == [tcpFrame(to: 80), tcpFrame(to: 80), tcpFrame(to: 80)])
  }

  @Test func aFilterThatHidesAllLeavesNone() {
    let contents = read(Self.pcap, filter: "udp")
    #expect(contents.error == nil && contents.frames.isEmpty)
  }

  @Test func aFilterIsCompiledForEveryLinkType() {
    let pcapng = PcapngBytes()
    let web = tcpFrame(to: 80)
    let other = tcpFrame(to: 81)
    let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0]
    let contents = read(
      pcapng.section() + pcapng.interface(linkType: 1) + pcapng.interface(linkType: 101)
        + pcapng.interface(linkType: 227) + pcapng.interface(linkType: 113)
        + pcapng.enhanced(web, interface: 0) + pcapng.enhanced(other, interface: 0)
        + pcapng.enhanced(Array(web.dropFirst(14)), interface: 1)
        + pcapng.enhanced(Array(other.dropFirst(14)), interface: 1)
        + pcapng.enhanced(cooked + web.dropFirst(14), interface: 3)
        + pcapng.enhanced(cooked + other.dropFirst(14), interface: 3), filter: "tcp port 80")
    #expect(contents.error == nil)
    #expect(contents.numbers == [1, 3, 5])
    #expect(contents.frames.map(\.record.interface) == [0, 1, 2])
  }

  @Test func aFilterSeesTheLengthOnTheWire() {
    let contents = read(
      PcapBytes().header() + PcapBytes().record(frameData(1), wireLength: 1400) + PcapBytes().record(frameData(2)),
      filter: "greater 1000")
    #expect(contents.numbers == [1])
  }

  @Test func aFilterThatDoesNotCompileIsTheUsersFault() {
    let line = errorLine(PcapBytes().header(), filter: "tpc port 80")
    #expect(line?.hasPrefix(#"F: filter "tpc port 80" does not compile for link type EN10MB: "#) == true)
    let contents = read(PcapngBytes().section() + PcapngBytes().interface(linkType: 101), filter: "ether host")
    guard case .filterDoesNotCompile(let expression, let linkType, let reason)? = contents.error?.fault else {
      Issue.record("expected a fault of the filter, found \(String(describing: contents.error))")
      return
    }
    #expect(expression == "ether host")
    #expect(linkType == .raw)
    #expect(!reason.isEmpty)
  }

  @Test(
    arguments: [
      "tcp port 99", "tcp dst port 80", "ip host 10.1.10.10 and not port 443", "ether src 02:00:00:00:00:02",
      "tcp[tcpflags] & tcp-syn != 0 and portrange 50-100", "less 40", "",
    ])
  func tcpdumpFindsTheSameFrames(expression: String) throws {
    let pcapng =
      PcapngBytes().section() + PcapngBytes().interface(snapLength: 65_535)
      + Self.ports.flatMap { PcapngBytes().enhanced(tcpFrame(to: $0), ticks: 1_000_000_000) }
    for capture in [Self.pcap, pcapng] {
      let file = TemporaryFile(capture)
      let theirs = read(Array(try CommandLineTool.data("tcpdump", ["-r", file.path, "-w", "-", expression])))
      let ours = read(path: file.path, filter: expression)
      #expect(ours.data == theirs.data)
      #expect(ours.times == theirs.times)
    }
  }
}
