import Checks
import Evidence
import Report
import Wire

extension ConfigDraft {
  /// The file. What comes from captures stands in comments, or was read and is written anew.
  var text: String {
    (heading + servicesPart + balancersPart + backendsPart + tablesPart + policyPart).joined(separator: "\n") + "\n"
  }

  private var heading: [String] {
    ["# What is known of this site; docs/config.md has every key. Written by dsrproof init from:"]
      + verdict.captures.map { "#   \($0.path)".withoutControls } + [
        "# Read it and correct it: a name that stands here is believed over the frames.",
        "",
      ]
  }

  private var servicesPart: [String] {
    let found = Dictionary(verdict.services.map { ($0.service, $0) }) { first, _ in first }
    var lines = [services.isEmpty ? "# services:" : "services:"]
    for service in services {
      if let seen = found[service] { lines.append("  \(comment(seen))") }
      lines.append("  - vip: \(service.url.quotedWhereNeeded)")
    }
    if !services.isEmpty { lines += ["    # name: shop", "    # min-flows: 10", "    # proof: identified"] }
    for (service, named) in changed {
      lines += ["  \(comment(service))"]
      lines +=
        named.map { ["  # By name it would be \($0.outcome.rawValue): list it if it is a balancer's VIP."] } ?? []
      lines.append("  # - vip: \(service.service.url.quotedWhereNeeded)")
    }
    if untold > 0 { lines.append("  # \(untold) more were found, with fewer flows.") }
    if verdict.services.isEmpty { lines.append("  # None was found.\n  # - vip: 10.1.10.10:80") }
    return lines + [""]
  }

  private func comment(_ service: ServiceVerdict) -> String {
    let proof = service.proof.map { " (\($0.rawValue))" } ?? ""
    return "# \(service.outcome.rawValue)\(proof): \(service.reason)".withoutControls
  }

  private var balancersPart: [String] {
    let said = said.balancerMACs.sorted().map { "  - macs: [\"\($0)\"]" }
    let mark = namesBalancers ? "" : "# "
    let found = balancers.flatMap { station in
      [
        "  # \(station.knownBy)\(station.addresses.isEmpty ? "" : ", at \(station.addressText)")".withoutControls,
        "  \(mark)- macs: [\"\(station.mac)\"]",
      ]
    }
    return part(
      "balancers", said: said, found: found, isNamed: namesBalancers && !found.isEmpty,
      wouldChange: !namesBalancers && !found.isEmpty, example: "- macs: [\"06:1f:8a:6c:8e:d2\"]")
  }

  private var backendsPart: [String] {
    let said = said.backends.flatMap { backend in
      ["  - address: \"\(backend.address)\""] + (backend.mac.map { ["    mac: \"\($0)\""] } ?? [])
    }
    let found = backends.flatMap { station -> [String] in
      let mark = namesBackends && !station.addresses.isEmpty ? "" : "# "
      let known = "  # \(station.knownBy)\(station.addresses.isEmpty ? "; its own address was not seen" : "")"
      let address = station.addresses.first.map { "\"\($0)\"" } ?? "unknown"
      return [known.withoutControls, "  \(mark)- address: \(address)", "  \(mark)  mac: \"\(station.mac)\""]
    }
    let hasAddress = backends.contains { !$0.addresses.isEmpty }
    return part(
      "backends", said: said, found: found, isNamed: namesBackends && hasAddress,
      wouldChange: !namesBackends && hasAddress,
      example: "- {address: 10.1.10.20, mac: \"06:d2:0a:b1:14:20\"}")
  }

  private func part(
    _ key: String, said: [String], found: [String], isNamed: Bool, wouldChange: Bool, example: String
  ) -> [String] {
    let isActive = !said.isEmpty || isNamed
    let hint = wouldChange ? ["  # By name these would change a verdict: uncomment those that are right."] : []
    let rest = said.isEmpty && found.isEmpty ? ["  # \(example)"] : []
    return [isActive ? "\(key):" : "# \(key):"] + said + hint + found + rest + [""]
  }

  private var tablesPart: [String] {
    [
      "# tables:",
      "#   ipvs: [{host: lb1, file: tables/lb1.txt, role: balancer}]",
      "#   hosts: [{name: be1, folder: be1}]",
      "#   kubernetes: [objects.yaml]",
      "#   as3: [declaration.json]",
      "#   fwmarks: [{mark: 1481, vip: \"10.1.10.10:80\"}]",
      "",
    ]
  }

  private var policyPart: [String] {
    let standard = Policy()
    let settings = [
      (said.minimumFlows != standard.minimumFlows, "min-flows: \(said.minimumFlows)"),
      (said.minimumProof != nil, "proof: \((said.minimumProof ?? .identified).rawValue)"),
      (said.maximumDrops != standard.maximumDrops, "max-drops: \((said.maximumDrops * 1e6).rounded() / 1e4)%"),
      (
        said.maximumBackground != standard.maximumBackground,
        "background: \((said.maximumBackground * 1e6).rounded() / 1e4)%"
      ),
      (said.vantage != nil, "vantage: \((said.vantage ?? .client).rawValue)"),
    ]
    let isActive = settings.contains(where: \.0)
    return [isActive ? "policy:" : "# policy:"] + settings.map { "  \($0 ? "" : "# ")\($1)" } + [
      "  # checks:",
      "  #   ARP004: warning    # error, warning or ignore",
      "  # waivers:",
      "  #   - check: backend-answers-arp",
      "  #     service: 10.1.10.10:80",
      "  #     reason: why it is borne with",
      "  #     until: 2026-12-31    # the last day, UTC",
    ]
  }
}

extension ServiceVerdict.Station {
  fileprivate var addressText: String { addresses.map(\.description).joined(separator: ", ") }
}

extension String {
  /// YAML takes a bracket at the beginning for a list.
  fileprivate var quotedWhereNeeded: String { hasPrefix("[") ? "\"\(self)\"" : self }
}
