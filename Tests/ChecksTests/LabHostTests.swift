import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// The settings of the lab's hosts beside each of its captures: a check fails where the scenario set something wrong, and
/// nowhere else.
@Suite struct LabHostTests {
  /// What the scenarios under `lab/scenarios` set wrong, and on which hosts.
  static let faults: [String: (id: String, hosts: [String])] = [
    "arp-leak-ignore": ("HOST003", ["be1", "be2"]),
    "arp-leak-announce": ("HOST004", ["be1", "be2"]),
    "vip-missing": ("HOST001", ["be1", "be2"]),
    "route-gateway-is-balancer": ("HOST006", ["be1", "be2"]),
    "route-gateway-is-standby": ("HOST006", ["be1", "be2"]),
    "route-one-backend-of-two": ("HOST006", ["be2"]),
    "tunnel-geneve-rp-filter": ("HOST005", ["be1"]),
    "tunnel-vxlan-no-device": ("HOST008", ["be1"]),
    "tunnel-vxlan-other-vni": ("HOST008", ["be1"]),
    "tunnel-gre-other-key": ("HOST008", ["be1"]),
    "tunnel-ip6gre-other-key": ("HOST008", ["be1"]),
    "vrf-gateway-is-balancer": ("HOST006", ["be1", "be2"]),
    "mirror-erspan-via-balancer": ("HOST006", ["be1", "be2"]),
  ]

  /// Nobody balances there: whether the host that answers for the VIP is a backend, and should not, stays open.
  static let plainServers: Set = ["networks-of-25-bits", "router-redirects"]

  static let lines = FixtureLine.all.filter { $0.path.hasPrefix("lab/") && !$0.arguments.contains("--host") }

  private func verdict(_ line: FixtureLine, _ tables: Tables) throws -> Verdict {
    let evidence = try CaptureContents(path: Repository.fixture(line.path)).evidence
    return judge(evidence, beside: tables, under: try LabPolicy.of(line))
  }

  @Test func everyFaultyScenarioIsThere() {
    let scenarios = Set(Self.lines.map { $0.path.split(separator: "/")[1] })
    for scenario in Self.faults.keys { #expect(scenarios.contains(Substring(scenario))) }
  }

  @Test(arguments: lines)
  func onlyWhatTheScenarioSetWrongFails(line: FixtureLine) throws {
    let folder = "lab/\(line.path.split(separator: "/")[1])"
    let tables = try HostFolder.tables(HostFolder.names(in: folder).map { ($0, folder) })
    let checks = try verdict(line, tables).checks.filter { $0.id.hasPrefix("HOST") }
    let fault = Self.faults[String(folder.dropFirst("lab/".count))]
    let failed = Set(checks.filter { $0.outcome == .fail }.map(\.id))
    // Only clients that were seen have routes that count.
    let mayPass = fault?.id == "HOST006" && !line.hasFlows
    #expect(failed == Set(fault.map { mayPass ? [] : [$0.id] } ?? []))
    for check in checks where check.outcome == .fail {
      let hosts = check.summary.prefix { $0 != ":" }.split(separator: ", ").map(String.init)
      #expect(hosts == fault?.hosts, "\(check.summary)")
      #expect(!check.evidence.isEmpty && !check.reason.isEmpty && !check.remedy.isEmpty)
      for exhibit in check.evidence {
        guard case .line(let place) = exhibit.source else {
          Issue.record("no line of a table")
          continue
        }
        #expect(place.path.hasPrefix(folder))
      }
    }
    let open = checks.filter { $0.outcome == .inconclusive }
    #expect(
      open.isEmpty || Self.plainServers.contains(String(folder.dropFirst("lab/".count))),
      "\(open.map { "\($0.id) \($0.summary): \($0.reason)" })")
  }

  /// One host's folder at a time: less is known, and nothing that is right fails.
  @Test(arguments: lines)
  func aSingleFolderFailsNothingThatIsRight(line: FixtureLine) throws {
    let folder = "lab/\(line.path.split(separator: "/")[1])"
    let fault = Self.faults[String(folder.dropFirst("lab/".count))]
    for name in try HostFolder.names(in: folder) {
      let checks = try verdict(line, HostFolder.tables([(name, folder)])).checks
      for check in checks where check.id.hasPrefix("HOST") && check.outcome == .fail {
        #expect(check.id == fault?.id && fault?.hosts.contains(name) ?? false, "\(name): \(check.summary)")
      }
    }
  }

  /// The tables that say nothing new leave the verdict as it was.
  @Test(
    arguments: lines.filter { line in
      let scenario = String(line.path.split(separator: "/")[1])
      return faults[scenario] == nil && !plainServers.contains(scenario)
    })
  func theVerdictStaysWhereTheSettingsAreRight(line: FixtureLine) throws {
    let folder = "lab/\(line.path.split(separator: "/")[1])"
    var tables = try HostFolder.tables(HostFolder.names(in: folder).map { ($0, folder) })
    let hosts = try verdict(line, tables).checks.filter { $0.id.hasPrefix("HOST") }
    #expect(hosts.allSatisfy { $0.outcome == .pass || $0.outcome == .notApplicable })
    tables.ipvs = []
    let open = try verdict(line, tables).checks.filter { $0.id.hasPrefix("HOST") && $0.outcome == .fail }
    #expect(open.isEmpty, "\(open.map(\.summary))")
  }
}

extension FixtureLine {
  /// At least one flow of the service was seen.
  var hasFlows: Bool { flows.map { $0.contains { $0 != "0" && $0 != "/" } } ?? true }
}

/// The policy that a line's arguments stand for.
enum LabPolicy {
  static func of(_ line: FixtureLine) throws -> Policy {
    var policy = Policy()
    var words = line.arguments[...]
    while let option = words.popFirst() {
      guard let value = words.popFirst() else { break }
      switch option {
      case "--vip": policy.services.append(try service(value))
      case "--balancer-mac": policy.balancerMACs.insert(try #require(MACAddress(value)))
      case "--backend":
        let parts = value.split(separator: "=").map(String.init)
        policy.backends.append(
          Policy.Backend(
            address: try #require(IPAddress(parts[0])), mac: parts.dropFirst().first.flatMap { MACAddress($0) }))
      default: break
      }
    }
    return policy
  }

  static func service(_ text: String) throws -> ServicePattern {
    let transport: TransportProtocol = text.hasPrefix("udp://") ? .udp : .tcp
    let rest = text.replacing("udp://", with: "")
    let colon = try #require(rest.lastIndex(of: ":"))
    let host = rest[..<colon].filter { $0 != "[" && $0 != "]" }
    return ServicePattern(
      address: try #require(IPAddress(String(host))), transport: transport,
      port: UInt16(rest[rest.index(after: colon)...]))
  }
}
