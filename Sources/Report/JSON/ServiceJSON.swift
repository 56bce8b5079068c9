import Checks
import Evidence
import Wire

extension ServiceVerdict {
  /// A storm of claims makes a hundred thousand, on an address that may have thousands of services.
  private static let mostClaims = 64

  func write(to json: inout JSONWriter, _ links: LinkList) {
    let faults = faultsOfBackends
    json.object {
      $0.member("assumptions", assumptions.map(\.rawValue))
      $0.member("backends", backends) { $1.write(to: &$0, faultyFlows: faults[$1.mac]?.flows) }
      $0.member("balancers", balancers) { $1.write(to: &$0, faultyFlows: nil) }
      $0.member("claims", claimants.prefix(Self.mostClaims)) { $1.write(to: &$0) }
      $0.member("flows", flows)
      $0.member("funnels", funnels)
      $0.member("legs", legs) { $1.write(to: &$0, links) }
      $0.member("moreClaims", ifThere: claimants.count > Self.mostClaims ? claimants.count - Self.mostClaims : nil)
      $0.member("name", name)
      $0.member("proof", proof?.rawValue)
      $0.member("reason", reason)
      $0.member("service", service.url)
      $0.member("vantage", vantage?.rawValue)
      $0.member("vantages", vantages)
      $0.member("verdict", outcome.rawValue)
    }
  }
}

extension ServiceVerdict {
  /// The flows that are at fault on a link of a backend's.
  private var faultsOfBackends: [MACAddress: FlowGroups] {
    var found: [MACAddress: FlowGroups] = [:]
    for leg in legs where !leg.faults.isEmpty {
      let sender = leg.from == .backend ? leg.fromDevice ?? leg.link.source : nil
      let receiver = leg.to == .backend ? leg.toDevice ?? leg.link.destination : nil
      for mac in [sender, receiver] {
        guard let mac else { continue }
        for flows in leg.faults.values { found[mac, default: .init()].formUnion(flows) }
      }
    }
    return found
  }
}

extension ServiceVerdict.Station {
  fileprivate func write(to json: inout JSONWriter, faultyFlows: Int?) {
    json.object {
      // The balancer of two hundred VIPs owns two hundred addresses, and stands in each of them.
      $0.member("addresses", Array(addresses.prefix(mostListed)))
      $0.member("connections", ifThere: connections)
      $0.member("faultyFlows", ifThere: faultyFlows)
      $0.member("flows", flows)
      $0.member("knownBy", knownBy)
      $0.member("mac", mac)
      $0.member("moreAddresses", ifThere: addresses.count > mostListed ? addresses.count - mostListed : nil)
      $0.member("name", ifThere: name)
    }
  }
}

extension ServiceVerdict.Claimant: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("frames", frames)
      $0.member("mac", mac)
    }
  }
}

extension ServiceVerdict.FlowCounts: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("background", background)
      $0.member("bypassed", bypassed)
      $0.member("direct", direct)
      $0.member("total", total)
      $0.member("unanswered", unanswered)
      $0.member("undecided", undecided)
      $0.member("viaBalancer", viaBalancer)
    }
  }
}

extension ServiceVerdict.CaptureVantage: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("capture", capture)
      $0.member("interface", interface)
      $0.member("vantage", vantage?.rawValue)
    }
  }
}

extension Funnel: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("capture", place.capture)
      $0.member("interface", place.interface)
      $0.member("loss", loss)
      $0.member("steps", steps) { json, reached in
        json.object {
          $0.member("flows", reached.flows)
          $0.member("step", reached.step.rawValue)
        }
      }
    }
  }
}

extension Funnel.Loss: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("flows", flows)
      $0.member("frame", frame.number)
      $0.member("step", step.rawValue)
    }
  }
}
