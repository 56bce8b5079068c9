import ArgumentParser
import Checks
import Evidence
import Report
import Testing
import Wire

@testable import dsrproof

@Suite struct ArgumentTests {
  @Test(arguments: [
    ("10.1.10.10", "10.1.10.10"), ("10.1.10.10:80", "tcp://10.1.10.10:80"),
    ("udp://10.1.10.10:53", "udp://10.1.10.10:53"),
    ("TCP://10.1.10.10", "tcp://10.1.10.10"), ("[fd00:10::10]:443", "tcp://[fd00:10::10]:443"),
    ("tcp://[fd00:10::10]:443", "tcp://[fd00:10::10]:443"), ("[fd00::1]", "[fd00::1]"), ("fd00::1", "[fd00::1]"),
    ("udp://fd00:0:0::1", "udp://[fd00::1]"), ("10.1.10.10:65535", "tcp://10.1.10.10:65535"),
  ])
  func servicesAreRead(argument: String, url: String) throws {
    let service = try ServicePattern(argument: argument)
    #expect(service.url == url)
    #expect(try ServicePattern(argument: url) == service)
  }

  @Test(arguments: [
    "", "10.1.10", "10.1.10.256", "10.1.10.10:", "10.1.10.10:0", "10.1.10.10:65536", "10.1.10.10:+80",
    "10.1.10.10:80:90",
    "sctp://10.1.10.10", "://10.1.10.10", "[10.1.10.10]:80", "[fd00::1", "[fd00::1]80", "[fd00::1]:", "fd00::1::2",
    "0.0.0.0:80", "example.org:80", "10.1.10.10/24", "[]:80",
  ])
  func otherServicesAreRefused(argument: String) {
    #expect(throws: (any Error).self) { try ServicePattern(argument: argument) }
  }

  @Test func backendsMayNameTheirMAC() throws {
    let address = IPAddress(v4: 0x0a01_0a14)
    #expect(try Policy.Backend(argument: "10.1.10.20") == Policy.Backend(address: address))
    #expect(
      try Policy.Backend(argument: "10.1.10.20=06-D2-0A-B1-14-20")
        == Policy.Backend(address: address, mac: MACAddress(0x06d2_0ab1_1420)))
    for wrong in ["10.1.10.20=", "=06:d2:0a:b1:14:20", "10.1.10.20=01:00:5e:00:00:01"] {
      #expect(throws: (any Error).self) { try Policy.Backend(argument: wrong) }
    }
  }

  @Test func whatIsKnownBecomesThePolicy() throws {
    let command = try #require(
      try DSRProof.parseAsRoot([
        "-r", "a.pcap", "-r", "b.pcap", "--vip", "10.1.10.10", "--vip", "10.1.10.11:80", "--balancer-mac",
        "061f.8a6c.8ed2", "--backend", "10.1.10.20", "--vantage", "behind-router", "--min-flows", "3", "--proof",
        "identified",
        "tcp", "port 80",
      ]) as? VerifyCommand)
    #expect(command.input.captures == ["a.pcap", "b.pcap"])
    #expect(command.input.filter == "tcp port 80")
    let policy = command.known.policy(for: command.input.vip)
    #expect(policy.services.map(\.url) == ["10.1.10.10", "tcp://10.1.10.11:80"])
    #expect(policy.balancerMACs == [MACAddress(0x061f_8a6c_8ed2)])
    #expect(policy.backends == [Policy.Backend(address: IPAddress(v4: 0x0a01_0a14))])
    #expect(policy.vantage == .behindRouter)
    #expect(policy.minimumFlows == 3 && policy.minimumProof == .identified)
  }

  @Test(arguments: [
    ("reply-via-balancr", "reply-via-balancer"), ("dsr1", "DSR001"), ("banana", nil),
    ("balancer-bypass", "balancer-bypassed"),
  ])
  func theNearestNameIsSuggested(name: String, expected: String?) {
    #expect(nearest(to: name, among: ["reply-via-balancer", "DSR001", "balancer-bypassed"]) == expected)
  }

  @Test func progressFitsANarrowTerminal() {
    let path = "/captures/" + String(repeating: "long", count: 30) + "\u{1b}[2J/client.pcap"
    let text = ProgressLine.text(path: path, bytesRead: 45, size: 100, frames: 3)
    #expect(text.hasPrefix("…"))
    #expect(text.hasSuffix("/client.pcap: 45 %, 3 frames"))
    #expect(text.count < 79 && !text.contains("\u{1b}"))
    #expect(
      ProgressLine.text(path: "-", bytesRead: 7_000_000, size: nil, frames: 9) == "standard input: 7 MB, 9 frames")
  }
}
