import Checks
import Evidence
import Tables
import TestSupport
import Testing
import Wire

@Suite struct IdentityTests {
  private func identities(_ scenario: String, _ hosts: [String]) throws -> Identities {
    Identities(try HostFolder.tables(hosts.map { ($0, "lab/\(scenario)") }))
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test func aHostsOwnInterfacesTell() throws {
    let known = try identities("route", ["lb", "be1"])
    #expect(known.host(of: Station.balancer) == "lb")
    #expect(known.host(of: Station.backend1) == "be1")
    #expect(known.host(of: Station.client) == nil)
    #expect(known.macs(of: "be1") == [Station.backend1])
    #expect(known.addresses(of: Station.backend1) == [try address("10.1.10.21"), try address("fd00:10::21")])
    // The VIP on its loopback is no address of its MAC; on the balancer's interface it is.
    #expect(known.mac(of: try address("10.1.10.10")) == Station.balancer)
  }

  @Test func neighboursTellOfOthers() throws {
    let known = try identities("route", ["lb"])
    #expect(known.mac(of: try address("10.1.10.21")) == Station.backend1)
    #expect(known.mac(of: try address("10.1.10.22")) == Station.backend2)
    #expect(known.addresses(of: Station.backend2) == [try address("10.1.10.22")])
    #expect(known.mac(of: try address("10.1.10.99")) == nil)
  }

  /// The client knows the VIP and the balancer's own address at one MAC, as it would of a router that answers for others.
  @Test func aMACWithSeveralAddressesMayAnswerForOthers() throws {
    var host = HostTables(name: "h", path: "h")
    let entries = ["10.1.10.10", "10.1.10.11", "10.1.10.21"]
    host.neighbours = try HostTables(
      name: "h", path: "h",
      files: [
        HostTables.File(
          name: "neigh.json",
          text: "["
            + zip(entries, [Station.balancer, Station.balancer, Station.backend1])
            .map { #"{"dst":"\#($0)","dev":"eth1","lladdr":"\#($1)","state":["STALE"]}"# }.joined(separator: ",") + "]")
      ]
    ).neighbours
    var tables = Tables()
    tables.hosts = [host]
    let known = Identities(tables)
    #expect(known.mac(of: try address("10.1.10.10")) == nil)
    #expect(known.mac(of: try address("10.1.10.11")) == nil)
    #expect(known.mac(of: try address("10.1.10.21")) == Station.backend1)
  }

  @Test func aSharedMACIsNobodys() throws {
    let known = try identities("failover-vrrp-vmac", ["lb", "lb2"])
    let virtual = MACAddress(0x0000_5e00_0133)
    #expect(known.host(of: virtual) == nil)
    #expect(known.macs(of: "lb").contains(Station.balancer))
  }

  @Test func theReportShowsTheirAddresses() throws {
    let evidence = try CaptureContents(path: Repository.fixture("seed.pcap")).evidence
    let tables = try HostFolder.tables([("be1", "lab/route"), ("lb", "lab/route")])
    let verdict = judge(evidence, beside: tables, under: Policy())
    let backend = verdict.services.first?.backends.first { $0.mac == Station.backend1 }
    #expect(backend?.addresses == [try address("10.1.10.21"), try address("fd00:10::21")])
  }
}
