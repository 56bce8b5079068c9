import Checks
import Evidence
import Tables
import Wire

extension Flow {
  var text: String { "\(transport.name) \(client.text) → \(server.text)" }
  var textWithCommunityID: String { "\(text), Community ID \(communityID)" }
}

extension VLANStack {
  /// The identifiers that are kept, outermost first.
  var identifiers: [UInt16] {
    switch depth {
    case 0: []
    case 1: [outer]
    default: [outer, inner]
    }
  }

  /// `10`, `10.20`; empty without a tag.
  var text: String { identifiers.map(String.init).joined(separator: ".") }
}

extension Encapsulation {
  /// `ipip`, `gre`, `vxlan`, outermost first.
  var names: [String] { kinds.map(\.entry.name) }

  /// `gre`, `vxlan 42`, `gre 7+ipip`: with what tells one network of the kind from another; empty without a tunnel.
  var text: String {
    layers.map { layer in layer.tunnel.entry.name + (layer.identifier.map { " \($0)" } ?? "") }.joined(separator: "+")
  }
}

extension Vantage {
  /// Where the capture stood, in a few words.
  var words: String {
    switch self {
    case .client: "on the client's side, in the VIP's own network"
    case .balancer: "on the balancer"
    case .backend: "on a backend"
    case .mirror: "on a mirror port or tap that sees the balancer and the backends"
    case .behindRouter: "behind a router, which hides the MACs beyond it"
    }
  }
}

extension ServiceVerdict.Proof {
  /// What the proof rests on, in a few words.
  var words: String {
    switch self {
    case .macPair: "requests go to one MAC and replies come from another, and nothing contradicts it"
    case .identified: "the balancer is known, and the replies avoid it"
    case .endToEnd: "every leg was seen: client to balancer, balancer to backend, backend to client"
    }
  }
}

extension ServiceVerdict {
  /// The vantage of the captures where they all have the same; `nil` where they differ or it is unknown.
  var vantage: Vantage? {
    let seen = Set(vantages.map(\.vantage))
    return seen.count == 1 ? seen.first ?? nil : nil
  }
}

extension TableSummary.Kind {
  var words: String {
    switch self {
    case .ipvs: "IPVS table"
    case .host: "settings and tables"
    case .kubernetes: "Kubernetes objects"
    case .as3: "AS3 declaration"
    }
  }
}

extension TableSummary.Kind {
  /// What the ids of the checks begin with that judge such tables.
  var checkPrefix: String {
    switch self {
    case .ipvs: "IPVS"
    case .host: "HOST"
    case .kubernetes: "K8S"
    case .as3: "F5"
    }
  }
}

extension IPVSRole {
  var words: String {
    switch self {
    case .balancer: "the balancer's"
    case .node: "a node's"
    }
  }
}

extension IPVSTable.Service.Name {
  /// `tcp 10.1.10.10:80`, `firewall mark 1481`.
  var text: String {
    switch self {
    case .endpoint(let transport, let endpoint): "\(transport.rawValue) \(endpoint.text)"
    case .firewallMark(let mark, let isIPv6): "firewall mark \(mark)" + (isIPv6 ? ", IPv6" : "")
    }
  }
}
