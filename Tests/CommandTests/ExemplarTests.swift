import ArgumentParser
import Checks
import Evidence
import Foundation
import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Report
@testable import dsrproof

/// The flow that a report shows frame by frame, over the fixtures.
@Suite struct ExemplarTests {
  /// Tables are not read here.
  private static let lines = FixtureLine.all.filter { line in
    !line.arguments.contains { $0.hasPrefix("--") && !["--vip", "--balancer-mac", "--backend"].contains($0) }
  }

  static func shown(_ arguments: [String]) throws -> (verdict: Verdict, evidence: Evidence) {
    try shown(VerifyCommand.parse(arguments))
  }

  private static func shown(_ command: VerifyCommand) throws -> (verdict: Verdict, evidence: Evidence) {
    let evidence = try gather(command.input)
    let verdict = judge(evidence, under: command.known.policy(for: command.input.vip))
    let limit = command.input.frameLimit ?? .max
    return (Exemplars.shown(in: verdict, from: command.input.sources, limit: limit), evidence)
  }

  /// The evidence counts the frames of each flow by itself. What is drawn as a fault was judged to be one, and what was
  /// judged to be one is drawn. And a report in ASCII is all ASCII.
  @Test func everyFrameIsShownOrCountedAndEveryFaultIsDrawn() throws {
    try #require(Self.lines.count > 100)
    for line in Self.lines {
      let (verdict, evidence) = try Self.shown(line.command)
      let traces = Dictionary(grouping: evidence.traces(of: []), by: \.flow.ends)
      #expect(verdict.textReport(color: false, ascii: true).allSatisfy { $0.isASCII }, "\(line)")
      for service in verdict.services {
        let faults = Set(service.legs.flatMap(\.faults.keys))
        let hasFailed = verdict.checks.contains { $0.service == service.service && $0.outcome == .fail }
        #expect(faults.contains(.viaBalancer) == (hasFailed && service.flows.viaBalancer > 0), "\(line)")
        #expect(faults.contains(.bypass) == (hasFailed && service.flows.bypassed > 0), "\(line)")
        let isSilent = faults.contains(.refused) || faults.contains(.unanswered)
        #expect(isSilent == (hasFailed && service.flows.unanswered > 0), "\(line)")
        let reset = verdict.checks.first { $0.service == service.service && $0.id == "DSR006" }?.outcome
        #expect(faults.contains(.reset) == (reset == .fail), "\(line)")
        // No arrow has more flows than there are.
        let arrows = PathDrawing.drawings(of: service.legs).flatMap(\.arrows)
        #expect(arrows.allSatisfy { $0.flows ?? 0 <= service.flows.total }, "\(line)")

        guard let exemplar = service.exemplar else { continue }
        let links = traces[exemplar.flow.ends, default: []].flatMap(\.links)
        let own = exemplar.frames.filter { $0.foreignSource == nil }
        #expect(UInt64(own.count) + exemplar.omitted == links.reduce(0) { $0 + $1.frames }, "\(line)")
        let ways = Set(links.map { [$0.link.source, $0.link.destination] })
        #expect(own.allSatisfy { ways.contains([$0.source, $0.destination]) }, "\(line)")
      }
    }
  }

  /// The page's frames, against what tshark says of the same flow.
  @Test(arguments: ["seed.pcap", "lab/route/switch.pcap", "lab/tunnel-gre/lb.pcap", "lab/vlan-trunk/switch.pcap"])
  func framesAreAsTsharkTellsThem(capture: String) throws {
    let path = Repository.fixture(capture)
    let verdict = try Self.shown(["-r", path, "--vip", "10.1.10.10:80"]).verdict
    let flow = try #require(verdict.services.first?.exemplar?.flow)
    let output = try CommandLineTool.output(
      "tshark",
      [
        "-r", path, "-Y", "ip.addr == \(flow.server.address) && tcp.port == \(flow.client.port)", "-T", "fields",
        "-E", "occurrence=l", "-E", "separator=,", "-e", "frame.number", "-e", "frame.time_epoch", "-e", "tcp.flags",
        "-e", "tcp.len", "-e", "ip.ttl",
      ])
    let rows = output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    try #require(rows.count >= 10 && rows.allSatisfy { $0.count == 5 })
    let page = verdict.htmlReport()
    let start = Self.microseconds(rows[0][1])
    for row in rows {
      let offset = String(Self.microseconds(row[1]) - start)
      let bits = try #require(Int(row[2].dropFirst(2), radix: 16))
      let flags = [(2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK")].filter { bits & $0.0 != 0 }.map(\.1)
      let size = row[3] == "0" ? "" : " \(row[3]) byte\(row[3] == "1" ? "" : "s")"
      let time = "0." + String(repeating: "0", count: 6 - offset.count) + offset
      let numbers = "<td class=\"number\">\(row[0])</td><td class=\"number\">\(time)</td>"
      let words = "<td class=\"what\">\(flags.joined(separator: " "))\(size) TTL \(row[4])"
      let hasRow = page.contains(numbers + words)
      #expect(hasRow, "\(row)")
    }
    #expect(verdict.services.first?.exemplar?.frames.count == rows.count)
  }

  /// Of `1.000002000`; all of these flows take less than a second.
  private static func microseconds(_ epoch: String) -> Int { Int(epoch.filter { $0 != "." }.dropLast(3)) ?? 0 }

  @Test func theFlowIsOneThatAFaultWasFoundIn() throws {
    let capture = Repository.fixture("lab/route-one-backend-of-two/switch.pcap")
    let service = try #require(try Self.shown(["-r", capture, "--vip", "10.1.10.10:80"]).verdict.services.first)
    let exemplar = try #require(service.exemplar)
    #expect(service.flows.direct == 3 && service.flows.viaBalancer == 3)
    let balancer = try #require(service.balancers.first).mac
    let replies = exemplar.frames.filter { $0.half == .reply }
    #expect(!replies.isEmpty && replies.allSatisfy { $0.source == balancer || $0.destination == balancer })
  }

  @Test func anAnswerFromAWrongAddressIsShownAmongTheFrames() throws {
    let capture = Repository.fixture("lab/udp-own-address/switch.pcap")
    let verdict = try Self.shown(["-r", capture, "--vip", "udp://10.1.10.10:53"]).verdict
    let foreign = try #require(verdict.services.first?.exemplar?.frames.filter { $0.foreignSource != nil })
    #expect(foreign.map(\.half) == [.reply])
    #expect(foreign.first?.foreignSource?.description.hasPrefix("10.1.10.2") == true)
  }

  /// One flow of 100 segments that are all alike; the limit is 40.
  @Test func aLongFlowIsShownInPart() throws {
    let folder = try TemporaryFolder()
    let handshake = SampleCapture.handshake(replyFrom: SampleCapture.backend)
    let frames = handshake.dropFirst(24)
    let last = frames.suffix(frames.count / 3)
    let long = try folder.file("long.pcap", (0..<97).reduce(into: handshake) { file, _ in file += last })
    let exemplar = try #require(
      try Self.shown(["-r", long.path, "--vip", "10.1.10.10:80"]).verdict.services.first?.exemplar)
    #expect(exemplar.frames.map(\.number) == Array(1...40))
    #expect(exemplar.omitted == 60)
  }

  @Test func onlyTheMostUrgentServicesShowFrames() throws {
    let input = try VerifyCommand.parse(["-r", Repository.fixture("seed.pcap"), "--vip", "10.1.10.10:80"]).input
    var verdict = judge(try gather(input), under: Policy())
    let passed = try #require(verdict.services.first)
    var failed = passed
    failed.outcome = .fail
    verdict.services = Array(repeating: passed, count: 55) + [failed]
    let shown = Exemplars.shown(in: verdict, from: input.sources).services.map { $0.exemplar?.frames.isEmpty == false }
    #expect(shown == Array(repeating: true, count: 49) + Array(repeating: false, count: 6) + [true])
  }

  /// Where each client has a MAC of its own, one stands for all, and says so.
  @Test func oneOfManyClientsSaysThatItStandsForOthers() throws {
    let (balancer, backend) = (MACAddress(0x061f_8a6c_8ed2), MACAddress(0x06d2_0ab1_1420))
    let frames = (0..<100).flatMap { number -> [TimedFrame] in
      let client = MACAddress(0x06ba_0000_0000 + UInt64(number))
      var talk = Conversation(
        client: .init("10.1.10.\(100 + number)", 40000), server: .init("10.1.10.10", 80),
        at: Timestamp(seconds: 1_700_000_000 + UInt32(number), nanoseconds: 0),
        requests: [Sighting(.ethernet(from: client, to: balancer))],
        replies: [Sighting(.ethernet(from: backend, to: client))])
      talk.open()
      return talk.frames
    }
    var capture = PcapWriter()
    capture.write(frames)
    let folder = try TemporaryFolder()
    let file = try folder.file("many.pcap", Data(capture.bytes))
    let verdict = try Self.shown(["-r", file.path, "--vip", "10.1.10.10:80"]).verdict
    let service = try #require(verdict.services.first)
    #expect(service.flows.direct == 100)
    #expect(service.legs.map(\.otherClients) == [99, 99])
    for report in [verdict.textReport(color: false), verdict.svgReport(), verdict.htmlReport()] {
      #expect(report.contains("and others"))
    }
    #expect(verdict.jsonReport().contains("\"otherClients\":99"))
  }

  @Test func stationsHaveTheNamesOfTheirHosts() throws {
    let hosts = ["lb", "be1", "be2", "client"].flatMap { ["--host", "\($0)=\(Repository.fixture("lab/route"))"] }
    let capture = Repository.fixture("lab/route/switch.pcap")
    let command = try VerifyCommand.parse(["-r", capture, "--vip", "10.1.10.10:80"] + hosts)
    let verdict = judge(
      try gather(command.input), beside: try command.tables.read(), under: command.known.policy(for: command.input.vip))
    let service = try #require(verdict.services.first)
    #expect(service.clients.map(\.name) == ["client"])
    #expect(service.balancers.map(\.name) == ["lb"])
    #expect(service.backends.map(\.name) == ["be1", "be2"])
    for name in ["client", "lb", "be1", "be2"] { #expect(verdict.svgReport().contains(">\(name)</text>")) }
    #expect(verdict.textReport(color: false).contains("  balancer    lb: 06:1f:8a:6c:8e:d2"))
    #expect(verdict.jsonReport().contains("\"name\":\"be1\""))
  }

  @Test func aFilterAndACountHoldForTheFramesToo() throws {
    let capture = Repository.fixture("seed.pcap")
    let frames = { (arguments: [String]) in
      try Self.shown(["-r", capture, "--vip", "10.1.10.10:80"] + arguments).verdict.services.first?.exemplar?.frames
    }
    #expect(try frames(["-c", "4"])?.map(\.number) == [1, 2, 3, 4])
    let replies = try #require(try frames(["src host 10.1.10.10"]))
    #expect(!replies.isEmpty && replies.allSatisfy { $0.half == .reply })
  }

  @Test func aCaptureThatIsGoneLeavesTheVerdict() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("c.pcap")
    try FileManager.default.copyItem(atPath: Repository.fixture("seed.pcap"), toPath: path)
    let command = try VerifyCommand.parse(["-r", path, "--vip", "10.1.10.10:80"])
    let verdict = judge(try gather(command.input), under: command.known.policy(for: command.input.vip))
    try Data("no capture".utf8).write(to: URL(filePath: path))
    let shown = Exemplars.shown(in: verdict, from: command.input.sources)
    #expect(shown.outcome == .pass)
    #expect(shown.services.first?.exemplar?.frames.isEmpty == true)
  }

  @Test func standardInputIsNotReadAgainAndThePageSaysSo() throws {
    let seed = try Data(contentsOf: URL(filePath: Repository.fixture("seed.pcap")))
    let folder = try TemporaryFolder()
    let result = try Executable.run(
      "-r", "-", "--vip", "10.1.10.10:80", "--ascii", "-o", "html=\(folder.path("r.html"))", "-o",
      "svg=\(folder.path("r.svg"))", input: seed)
    #expect(result.status == 0)
    #expect(try folder.text("r.html").contains("Its frames are not shown"))
    #expect(try folder.text("r.svg").hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(result.output.contains("|------- request, 1 flow ------>|"))
    #expect(result.output.allSatisfy { $0.isASCII })
  }
}

extension Flow {
  /// Both ends, whichever is the client.
  fileprivate var ends: [Endpoint] { [client, server].sorted() }
}
