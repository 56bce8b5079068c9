import Evidence
import Wire

/// What checks that read claims found, by all that they depend on: services of one address meet the same claims, and where
/// somebody makes a hundred thousand, to go through them again for each service takes as long as to judge all else.
struct ClaimFindings {
  private var known: [Key: Finding] = [:]
  /// Fewer claims are gone through sooner than looked up.
  private static let fewestClaims = 64

  private struct Key: Hashable {
    var check: String
    var setting: ClaimSetting
  }

  /// What is found by `run`, or was before.
  mutating func finding(of check: Check, for service: ServiceCase) -> Finding {
    guard check.reads == .claims else { return check.run(service) }
    guard service.claims.count >= Self.fewestClaims else { return Self.found(by: check, for: service) }
    let key = Key(check: check.id, setting: service.claimSetting)
    if let finding = known[key] { return finding }
    let finding = Self.found(by: check, for: service)
    known[key] = finding
    return finding
  }

  /// Nothing is found to be well where a flood left no room for all that is claimed.
  private static func found(by check: Check, for service: ServiceCase) -> Finding {
    let finding = check.run(service)
    guard finding.outcome == .pass || finding.outcome == .notApplicable,
      service.run.claimGaps.contains(service.service.address)
    else { return finding }
    return .inconclusive(
      "not all claims of \(service.service.address) were kept",
      because: "the captures hold more different claims, ARP, neighbour discovery or VRRP, than there is room for",
      remedy: "name the VIP, also where evidence is made: room is kept for its claims; "
        + "or find out who floods the network with claims",
      finding.evidence)
  }
}

/// What tells services apart for a check that reads claims: the address, who is who, and who answers.
struct ClaimSetting: Hashable {
  fileprivate var address: IPAddress
  fileprivate var balancers: Set<Device>
  fileprivate var balancerText: String
  fileprivate var backends: Set<Device>
  fileprivate var isOwnerKnown: Bool
  fileprivate var isNamed: Bool
  fileprivate var answering: Set<Device>
  fileprivate var answeringDirectly: Set<Device>
  fileprivate var taking: Set<Device>
}

extension ServiceCase {
  fileprivate var claimSetting: ClaimSetting {
    ClaimSetting(
      address: service.address, balancers: Set(roles.balancers.keys), balancerText: balancerText,
      backends: Set(roles.backends.keys), isOwnerKnown: roles.isOwnerKnown, isNamed: roles.isNamed,
      answering: answering, answeringDirectly: answeringDirectly, taking: taking)
  }

  /// Devices that replies come from.
  var answering: Set<Device> {
    flows.reduce(into: []) { found, judged in
      found.formUnion(judged.group.answerers)
    }
  }

  /// Devices that answer flows whose requests go to another: backends, even where the balancer is not known.
  var answeringDirectly: Set<Device> {
    flows.reduce(into: []) { found, judged in
      guard judged.fate.isDirect else { return }
      found.formUnion(judged.group.answerers)
    }
  }

  /// Balancers of requests that others answered.
  var taking: Set<Device> {
    flows.reduce(into: []) { found, judged in
      guard judged.fate.isDirect else { return }
      for (journey, cast) in zip(judged.group.journeys, judged.casts) {
        found.formUnion(journey.requesting.filter { cast.isBalancer($0) })
      }
    }
  }
}
