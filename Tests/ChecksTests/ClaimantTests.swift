import Checks
import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// Who claims the VIP, and how often: as many ARP frames as tcpdump shows.
@Suite struct ClaimantTests {
  @Test(arguments: ["route", "arp-leak-ignore", "arp-leak-announce", "arp-leak-gratuitous"])
  func everyClaimIsCounted(topology: String) throws {
    let capture = try CaptureContents(path: Repository.fixture("lab/\(topology)/client.pcap"))
    var policy = Policy()
    policy.services = [ServicePattern(address: ip("10.1.10.10"), transport: .tcp, port: 80)]
    let service = try #require(judge(capture.evidence, under: policy).services.first)
    let found = Dictionary(service.claimants.map { ($0.mac.description, Int($0.frames)) }) { $0 + $1 }
    #expect(try found == Self.claims(in: capture.path))
    #expect(service.claimants.map(\.mac) == service.claimants.map(\.mac).sorted())
  }

  /// An answer says it, and so does who asks with the VIP as its own address.
  private static func claims(in path: String) throws -> [String: Int] {
    let lines = try CommandLineTool.output("tcpdump", ["-nner", path, "arp"]).split(separator: "\n")
    let owners = lines.compactMap { line -> String? in
      if let answer = line.firstMatch(of: /Reply 10\.1\.10\.10 is-at ([0-9a-f:]{17})/) { return String(answer.1) }
      guard line.contains(" tell 10.1.10.10,") else { return nil }
      return line.firstMatch(of: #/ ([0-9a-f:]{17}) > /#).map { String($0.1) }
    }
    return owners.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}
