import Checks
import Evidence
import Wire

/// The links of all services, in the order in which they are first met: each is told once, for thousands of services have the
/// same balancer and the same backends.
struct LinkList {
  private(set) var links: [ToldLink] = []
  private var numbers: [ToldLink: Int] = [:]

  init(_ services: [ServiceVerdict]) {
    for leg in services.lazy.flatMap(\.legs) {
      let link = ToldLink(leg)
      guard numbers[link] == nil else { continue }
      numbers[link] = links.count
      links.append(link)
    }
  }

  func number(of leg: ServiceVerdict.Leg) -> Int? { numbers[ToldLink(leg)] }
}

/// What is told of a way that frames took.
struct ToldLink: Hashable, JSONValue {
  private var half: Half
  private var from: ServiceVerdict.Leg.Role
  private var to: ServiceVerdict.Leg.Role
  private var source: MACAddress?
  private var destination: MACAddress?
  private var vlan: [UInt16]
  private var encapsulation: [String]
  private var capture: String?

  init(_ leg: ServiceVerdict.Leg) {
    (half, from, to, capture) = (leg.half, leg.from, leg.to, leg.capture)
    (source, destination) = (leg.link.source, leg.link.destination)
    (vlan, encapsulation) = (leg.link.vlan.identifiers, leg.link.encapsulation.names)
  }

  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("capture", ifThere: capture)
      $0.member("destinationMAC", destination)
      $0.member("encapsulation", ifThere: encapsulation.isEmpty ? nil : encapsulation)
      $0.member("from", from.rawValue)
      $0.member("half", half.rawValue)
      $0.member("sourceMAC", source)
      $0.member("to", to.rawValue)
      $0.member("vlan", ifThere: vlan.isEmpty ? nil : vlan)
    }
  }
}

extension ServiceVerdict.Leg {
  func write(to json: inout JSONWriter, _ links: LinkList) {
    json.object {
      $0.member("flows", flows)
      $0.member("frames", frames)
      // Its number in the list of links.
      $0.member("link", ifThere: links.number(of: self))
      $0.member("otherClients", ifThere: otherClients > 0 ? otherClients : nil)
    }
  }
}
