import ArgumentParser
import Checks
import Evidence
import Foundation
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// The flow that a report shows frame by frame, over the fixtures.
@Suite struct ExemplarTests {
  /// The real captures, and some of the others: judging all of them takes a minute. Tables are not read here.
  private static let lines = FixtureLine.all.enumerated().filter { index, line in
    line.path.hasPrefix("lab/") || index.isMultiple(of: 5)
  }.map(\.element).filter { line in
    !line.arguments.contains { $0.hasPrefix("--") && !["--vip", "--balancer-mac", "--backend"].contains($0) }
  }

  static func shown(_ arguments: [String]) throws -> (verdict: Verdict, evidence: Evidence) {
    let command = try VerifyCommand.parse(arguments)
    let evidence = try gather(command.input)
    let verdict = judge(evidence, under: command.known.policy(for: command.input.vip))
    return (Exemplars.shown(in: verdict, from: command.input), evidence)
  }

  /// The evidence counts the frames of each flow by itself. And what is drawn as a fault was judged to be one, and what
  /// was judged to be one is drawn.
  @Test func everyFrameIsShownOrCountedAndEveryFaultIsDrawn() throws {
    try #require(Self.lines.count > 100)
    for line in Self.lines {
      let (verdict, evidence) = try Self.shown(["-r", Repository.fixture(line.path)] + line.arguments)
      let traces = Dictionary(grouping: evidence.traces(of: []), by: \.flow.ends)
      for service in verdict.services {
        let faults = Set(service.legs.compactMap(\.fault))
        #expect(faults.contains(.viaBalancer) == (service.flows.viaBalancer > 0), "\(line)")
        #expect(faults.contains(.bypass) == (service.flows.bypassed > 0), "\(line)")
        if faults.contains(.refused) { #expect(service.flows.unanswered > 0, "\(line)") }

        guard let exemplar = service.exemplar else { continue }
        let hops = traces[exemplar.flow.ends, default: []].flatMap(\.hops)
        let own = exemplar.frames.filter { $0.foreignSource == nil }
        #expect(UInt64(own.count) + exemplar.omitted == hops.reduce(0) { $0 + $1.frames }, "\(line)")
        let ways = Set(hops.map { [$0.hop.source, $0.hop.destination] })
        #expect(own.allSatisfy { ways.contains([$0.source, $0.destination]) }, "\(line)")
      }
    }
  }

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

  @Test func aFilterAndACountHoldForTheFramesToo() throws {
    let capture = Repository.fixture("seed.pcap")
    let frames = { (arguments: [String]) in
      try Self.shown(["-r", capture, "--vip", "10.1.10.10:80"] + arguments).verdict.services.first?.exemplar?.frames
    }
    #expect(try frames(["-c", "4"])?.map(\.number) == [1, 2, 3, 4])
    #expect(try frames(["src host 10.1.10.10"])?.allSatisfy { $0.half == .reply } == true)
  }

  @Test func aLiveRunIsReadFromWhereItWasKept() throws {
    let capture = Repository.fixture("seed.pcap")
    let verdict = try Self.shown(["-r", capture, "--vip", "10.1.10.10:80"]).verdict
    var bare = verdict
    bare.services[0].exemplar?.frames = []
    let input = try VerifyCommand.parse(["-i", "eth0", "-w", capture]).input
    #expect(Exemplars.shown(in: bare, from: input).services.first?.exemplar?.frames.count == 10)
    let unsaved = try VerifyCommand.parse(["-i", "eth0"]).input
    #expect(Exemplars.shown(in: bare, from: unsaved).services.first?.exemplar?.frames.isEmpty == true)
  }

  @Test func aCaptureThatIsGoneLeavesTheVerdict() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("c.pcap")
    try FileManager.default.copyItem(atPath: Repository.fixture("seed.pcap"), toPath: path)
    let command = try VerifyCommand.parse(["-r", path, "--vip", "10.1.10.10:80"])
    let verdict = judge(try gather(command.input), under: command.known.policy(for: command.input.vip))
    try Data("no capture".utf8).write(to: URL(filePath: path))
    let shown = Exemplars.shown(in: verdict, from: command.input)
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
