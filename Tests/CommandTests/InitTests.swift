import ArgumentParser
import Checks
import Evidence
import Foundation
import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// `dsrproof init`: what it writes changes nothing.
@Suite struct InitTests {
  private func evidence(_ path: String) throws -> Evidence {
    try CaptureContents(path: Repository.fixture(path)).evidence
  }

  private func draft(_ evidence: Evidence, _ policy: Policy = Policy()) -> ConfigDraft {
    ConfigDraft(policy) { judge(evidence, under: $0) }
  }

  /// The policy of a file, without a word on the command line.
  private func policy(_ draft: ConfigDraft) throws -> Policy {
    let command = try #require(try DSRProof.parseAsRoot(["-r", "a.pcap"]) as? VerifyCommand)
    return command.known.policy(for: [], beside: try Config(text: draft.text, folder: ""))
  }

  /// Each service of the file is judged with it as without it.
  private func expectNoChange(_ path: String, _ said: Policy = Policy()) throws -> ConfigDraft {
    let evidence = try evidence(path)
    let draft = draft(evidence, said)
    let plain = judge(evidence, under: said)
    let read = judge(evidence, under: try policy(draft))
    let services = draft.services.isEmpty ? plain.services.map(\.service) : draft.services
    #expect(read.services.map(\.service) == services, "\(path)")
    for service in read.services {
      let before = plain.services.first { $0.service == service.service }
      #expect(before?.outcome == service.outcome && before?.proof == service.proof, "\(path) \(service.service)")
      #expect(before?.flows == service.flows, "\(path) \(service.service)")
    }
    if draft.changed.isEmpty { #expect(read.outcome == plain.outcome, "\(path)") }
    return draft
  }

  @Test func itsFileChangesNoVerdict() throws {
    var outcomes: [Verdict.Outcome: Int] = [:]
    for path in Repository.captures {
      let draft = try expectNoChange(path)
      if !draft.services.isEmpty { outcomes[draft.verdict.outcome, default: 0] += 1 }
    }
    #expect(Verdict.Outcome.allHere.allSatisfy { outcomes[$0, default: 0] > 2 }, "\(outcomes)")
  }

  @Test func whatTheUserSaysStandsInTheFile() throws {
    var said = Policy()
    said.services = [
      try ServicePattern(argument: "10.1.10.10"), try ServicePattern(argument: "[fd00:10::10]:443"),
      try ServicePattern(argument: "[fd00:10::11]"),
    ]
    said.balancerMACs = [try unicastMAC(argument: "06:1f:8a:6c:8e:d2")]
    said.backends = [try Policy.Backend(argument: "10.1.10.21=06:d2:0a:b1:14:20")]
    said.minimumFlows = 3
    said.minimumProof = .macPair
    said.maximumDrops = 0.07
    said.maximumBackground = 0.3
    said.vantage = .mirror
    let draft = try expectNoChange("lab/route/switch.pcap", said)
    let read = try policy(draft)
    #expect(read.services == said.services.sorted())
    #expect(read.balancerMACs == said.balancerMACs && read.backends.contains(said.backends[0]))
    #expect(read.minimumProof == .macPair)
    #expect(
      read.minimumFlows == 3 && read.maximumDrops == 0.07 && read.maximumBackground == 0.3 && read.vantage == .mirror)
  }

  /// Scanners ask for port 0, and an answer from there makes it a service; 0.0.0.0 is nobody's address, and may be asked.
  @Test(arguments: [("10.1.10.10", UInt16(0)), ("0.0.0.0", 80)])
  func whatNoConfigurationTakesIsAComment(address: String, port: UInt16) throws {
    let link = Packet.ethernet(from: mac("06:ba:49:38:53:f0"), to: mac("06:1f:8a:6c:8e:d2"))
    let frames = [(address, port), ("10.1.10.10", 80)].flatMap { address, port in
      var talk = Conversation(
        client: .init("10.1.10.100", 40001), server: .init(address, port),
        at: Timestamp(seconds: 1, nanoseconds: 0),
        requests: [Sighting(link)], replies: [])
      talk.open()
      return talk.frames
    }
    let evidence = CaptureContents(
      path: "test", frames: frames.map { (interface: 0, time: $0.time, bytes: $0.bytes) }, linkTypes: [.ethernet]
    ).evidence
    let draft = draft(evidence)
    #expect(draft.verdict.services.count == 2)
    #expect(draft.services.map(\.url) == ["tcp://10.1.10.10:80"])
    #expect(try policy(draft).services == draft.services)
    #expect(draft.text.contains("\n  # - vip: tcp://\(address):\(port)\n"))
  }

  /// The balancer of a mac-pair is a guess; by name it would be an identified one.
  @Test func aGuessIsAComment() throws {
    var said = Policy()
    said.services = [try ServicePattern(argument: "10.1.10.10:80")]
    let draft = draft(try evidence("seed.pcap"), said)
    #expect(draft.text.contains("\n# balancers:\n"))
    #expect(draft.text.contains("\n  # - macs: [\"06:1f:8a:6c:8e:d2\"]\n"))
    #expect(
      draft.text.contains(
        "\n  # pass (mac-pair): 1 of 1 flow: replies avoid the balancer\n  - vip: tcp://10.1.10.10:80\n"))
    #expect(try policy(draft).balancerMACs.isEmpty)
  }

  /// Found, it may be a plain server; by name it would pass by a mac-pair.
  @Test func aServiceThatOnlyItsNameProvesIsAComment() throws {
    for path in ["seed.pcap", "lab/route/be1.pcap"] {
      let draft = draft(try evidence(path))
      #expect(draft.text.contains("\n  # By name it would be pass: list it if it is a balancer's VIP.\n"), "\(path)")
      #expect(draft.text.contains("\n  # - vip: tcp://10.1.10.10:80\n"), "\(path)")
    }
  }

  @Test func whoIsKnownIsNamed() throws {
    let read = try policy(draft(try evidence("lab/route/switch.pcap")))
    #expect(read.balancerMACs == [try unicastMAC(argument: "06:1f:8a:6c:8e:d2")])
    #expect(read.backends.map(\.address.description) == ["10.1.10.21", "10.1.10.22"])
  }

  /// The balancer's probes of its backends' own addresses are services that are found.
  @Test func plainServersAreComments() throws {
    let draft = draft(try evidence("lab/route/switch.pcap"))
    #expect(draft.services == [try ServicePattern(argument: "10.1.10.10:80")])
    #expect(draft.text.contains("\n  # - vip: tcp://10.1.10.21:80\n"))
  }

  /// Without their marks they are what a user makes of them.
  @Test func itsExamplesAreRightWhenTheyAreUncommented() throws {
    let text = draft(try evidence("seed.pcap")).text
    let examples = try #require(text.firstRange(of: "# tables:\n"))
    let lines = text[examples.lowerBound...].split(separator: "\n").map {
      $0.replacing("# ", with: "", maxReplacements: 1)
    }
    let read = try Config(text: lines.joined(separator: "\n"), folder: "")
    #expect(read.tables.ipvs.count == 1 && read.tables.hosts.count == 1 && read.tables.firewallMarks.count == 1)
    #expect(read.minimumProof == .identified)
    #expect(read.minimumFlows == 1 && read.maximumDrops == 1 && read.vantage == .client)
    #expect(read.severities == ["ARP004": .warning] && read.waivers.map(\.check) == ["ARP001"])
  }

  @Test func aCaptureWithoutServicesGivesAFileAllTheSame() throws {
    let text = ConfigDraft(Policy()) { judge(Evidence(), under: $0) }.text
    #expect(try Config(text: text, folder: "").services.isEmpty)
  }

  @Test func namesFromStrangersStayInTheirLine() throws {
    var verdict = judge(try evidence("seed.pcap"), under: Policy())
    verdict.captures[0].path = "a\nservices: [10.9.9.9]\u{1b}[2J"
    verdict.services[0].cause = "x\n  - 10.9.9.8"
    let text = ConfigDraft(Policy()) { _ in verdict }.text
    #expect(try Config(text: text, folder: "").services == [try ServicePattern(argument: "10.1.10.10:80")])
  }
}

extension Verdict.Outcome {
  fileprivate static let allHere: [Verdict.Outcome] = [.pass, .fail, .inconclusive]
}
