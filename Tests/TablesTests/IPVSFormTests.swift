import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// One table of a real IPVS (Linux 6.1), printed in every form: each must say the same, as far as it says it.
@Suite struct IPVSFormTests {
  private static func table(_ name: String) throws -> IPVSTable {
    try IPVSTable(text: String(contentsOf: Repository.fixtures.appending(path: "tables/ipvs/\(name)"), encoding: .utf8))
  }

  private typealias Service = IPVSTable.Service
  private typealias Name = IPVSTable.Service.Name

  private static func endpoint(_ address: String, _ port: UInt16) throws -> IPVSTable.Endpoint {
    IPVSTable.Endpoint(address: try #require(IPAddress(address)), port: port)
  }

  private static func tcp(_ address: String, _ port: UInt16) throws -> Name {
    .endpoint(.tcp, try endpoint(address, port))
  }

  private func service(_ name: Name, of table: IPVSTable) throws -> Service {
    try #require(table.services.first { $0.name == name })
  }

  @Test(arguments: ["ln", "Sn", "stats", "rate", "exact", "tuninfo", "thresholds", "persistentconn", "proc_ip_vs"])
  func everyFormHasTheSameServicesAndDestinations(name: String) throws {
    let table = try Self.table(name)
    let expected: [(Name, [IPVSTable.Endpoint])] = [
      (try Self.tcp("10.1.10.10", 80), [try Self.endpoint("10.1.10.21", 80), try Self.endpoint("10.1.10.22", 80)]),
      (
        try Self.tcp("10.1.10.10", 443),
        [
          try Self.endpoint("10.1.10.21", 443), try Self.endpoint("10.1.10.22", 443),
          try Self.endpoint("10.1.10.23", 443),
        ]
      ),
      (try Self.tcp("10.1.10.13", 0), [try Self.endpoint("10.1.10.11", 0)]),
      (try Self.tcp("10.1.10.14", 80), []),
      (
        .endpoint(.udp, try Self.endpoint("10.1.10.10", 5060)),
        [try Self.endpoint("10.1.10.21", 5060), try Self.endpoint("10.1.10.22", 15060)]
      ),
      (.endpoint(.udp, try Self.endpoint("10.1.10.12", 5060)), []),
      (.endpoint(.sctp, try Self.endpoint("10.1.10.10", 36412)), [try Self.endpoint("10.1.10.21", 36412)]),
      (
        try Self.tcp("fd00:10::10", 443),
        [try Self.endpoint("fd00:10::11", 443), try Self.endpoint("fd00:10::21", 443)]
      ),
      (.firewallMark(1481, isIPv6: false), [try Self.endpoint("10.1.10.21", 0)]),
    ]
    for (name, destinations) in expected {
      let service = try service(name, of: table)
      #expect(Set(service.destinations.map(\.endpoint)) == Set(destinations))
      #expect(service.destinations.count == destinations.count)
    }
    // The kernel's own text does not tell that this mark is of IPv6.
    let isIPv6 = name != "proc_ip_vs"
    #expect(try service(.firewallMark(1482, isIPv6: isIPv6), of: table).destinations.isEmpty)
    #expect(table.services.count == 10)
    #expect(table.connections.isEmpty)
  }

  @Test(arguments: ["ln", "Sn", "exact", "tuninfo", "proc_ip_vs"])
  func howRequestsAreForwardedIsTold(name: String) throws {
    let table = try Self.table(name)
    let web = try service(Self.tcp("10.1.10.10", 80), of: table)
    #expect(web.scheduler == "wrr")
    #expect(Set(web.destinations.map(\.weight)) == [3, 0])
    #expect(web.destinations.allSatisfy { $0.forwarding == .route })
    let tunnels = try service(Self.tcp("10.1.10.10", 443), of: table)
    #expect(tunnels.destinations.allSatisfy { $0.forwarding == .tunnel && $0.weight == 1 })
    #expect(tunnels.persistence?.prefixLength == 24)
    #expect(tunnels.persistence?.seconds == (name == "proc_ip_vs" ? nil : 360))
    let calls = try service(.endpoint(.udp, Self.endpoint("10.1.10.10", 5060)), of: table)
    #expect(calls.isOnePacket)
    #expect(calls.destinations.allSatisfy { $0.forwarding == .masquerade })
    let six = try service(Self.tcp("fd00:10::10", 443), of: table)
    #expect(Set(six.destinations.map(\.forwarding)) == [.route, .masquerade])
    let mark = try service(.firewallMark(1482, isIPv6: name != "proc_ip_vs"), of: table)
    #expect(mark.persistence?.prefixLength == 64)
    #expect(try service(Self.tcp("10.1.10.13", 0), of: table).persistence?.prefixLength == nil)
  }

  @Test(arguments: ["Sn", "tuninfo"])
  func theTypesOfTunnelsAreToldWhereTheFormHasThem(name: String) throws {
    let service = try service(Self.tcp("10.1.10.10", 443), of: Self.table(name))
    let tunnels = service.destinations.sorted { $0.endpoint.address < $1.endpoint.address }.map(\.tunnel)
    #expect(
      tunnels == [
        IPVSTable.Tunnel(type: .ipip), IPVSTable.Tunnel(type: .gue, port: 6080), IPVSTable.Tunnel(type: .gre),
      ])
  }

  @Test(arguments: ["ln", "Sn", "exact"])
  func flagsOfTheSchedulerAndEnginesAreTold(name: String) throws {
    let table = try Self.table(name)
    #expect(try service(Self.tcp("10.1.10.10", 443), of: table).schedulerFlags == ["sh-fallback", "sh-port"])
    #expect(try service(.firewallMark(1481, isIPv6: false), of: table).schedulerFlags == ["mh-fallback"])
    #expect(
      try service(.endpoint(.udp, Self.endpoint("10.1.10.12", 5060)), of: table).persistenceEngine == "sip")
  }

  @Test(arguments: ["stats", "rate"])
  func countersAreTold(name: String) throws {
    let table = try Self.table(name)
    #expect(table.services.allSatisfy { $0.counters?.isRate == (name == "rate") })
    #expect(table.services.allSatisfy { $0.destinations.allSatisfy { $0.counters != nil } })
  }

  @Test(arguments: ["names", "names-save"])
  func namesInPlaceOfNumbersAreRefusedAndTheOptionNamed(name: String) throws {
    #expect {
      try Self.table(name)
    } throws: { error in
      (error as? TableError)?.expected.contains("ipvsadm -n") == true
        && (error as? TableError)?.line == (name == "names" ? 4 : 1)
    }
  }
}
