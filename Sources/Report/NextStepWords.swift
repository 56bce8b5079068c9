public import Checks

extension NextStep {
  /// One sentence, without its first capital and its full stop.
  public var words: String {
    switch self {
    case .mend(let words): words
    case .capture(let places, let aim): aim.words(at: listedPlaces(places))
    case .captureOnHost(let host): "capture on \(host) while a client asks"
    case .captureARP(let host, let address): "capture ARP beside \(host) while something asks for \(address)"
    case .captureMore: "capture for longer, or make more connections"
    case .captureFlows(let number):
      "capture for longer, or make more connections: --min-flows asks for \(number)"
    case .captureAllAddresses:
      "capture for longer, and every address's traffic: without --vip, or with a filter on the client"
    case .captureBothDirections: "capture both directions: a filter such as 'host VIP'"
    case .captureUnfiltered: "capture without a filter, or with one that lets health checks and VRRP pass as well"
    case .captureOneInterface: "capture on one Ethernet interface (-i eth1) in place of 'any'"
    case .printMACs:
      "print it with -e, which was missing: tcpdump -e -nn -XX; or write it to a file (-w FILE) and give that"
    case .printMACColumns:
      "give the file itself; or print the MACs, which were missing: "
        + #"tshark -n -t ad -r FILE --disable-protocol http -o 'gui.column.format:"a","%t","b","%uhs","c","%uhd","d","%s","e","%d","f","%p","g","%L","h","%i"'"#
    case .giveFile: "give the file itself: tshark -w FILE writes one"
    case .printPorts:
      "give the file itself; or let tshark print ports on every line: --disable-protocol http, and so for what else it names"
    case .printTimes:
      "print it with its times: tcpdump -e -nn -tttt -XX; or write it to a file (-w FILE) and give that"
    case .openTunnel:
      "open the tunnel with --tunnel; else capture where its frames are bare: on the client's own network"
    case .printBytes: "print its bytes as well: tcpdump -e -nn -XX; or write it to a file (-w FILE) and give that"
    case .captureWithoutLoss: "capture with a larger buffer (-B) or a narrower filter"
    case .captureBesideTables: "judge a capture beside these tables"
    case .widenMirror: "have the mirror show every port of the balancer and of the backends"

    case .nameVIP: "if the service has a balancer, name its VIP: --vip ADDRESS:PORT"
    case .nameBalancer(let mac):
      "name the balancer: --balancer-mac MAC" + (mac.map { " (is it \($0)?)" } ?? "")
    case .nameEveryBalancerMAC: "name every MAC of the balancer: --balancer-mac MAC, once for each"
    case .nameBackends(let mac):
      "name the backends: --backend ADDRESS=MAC" + (mac.map { " (is \($0) one of them?)" } ?? "")
    case .nameBalancerAndBackends: "name the balancer: --balancer-mac MAC, and its backends: --backend ADDRESS=MAC"
    case .tellBalancerFromRouter(let mac):
      "say who it is: --balancer-mac \(mac) if it is the balancer; if it is a router, capture on the VIP's network"
    case .tellBackendFromRouter(let mac):
      "say who it is: --backend ADDRESS=\(mac) if it is a backend; if it is a router, capture on the VIP's network"
    case .tellBackendFromBalancer(let mac):
      "say who it is: --backend ADDRESS=\(mac), or --balancer-mac once for each MAC of the balancer"
    case .lookWhoSends: "look who sends these frames: dsrproof flows lists the MACs"
    case .lookWhoSendsBackground:
      "look who sends them: dsrproof flows lists the clients; or allow for more: --background PERCENT"

    case .lookAtBackend(let mac):
      "look at \(mac), which gets these requests: does it have the VIP and a listener, and does no filter drop them?"
    case .lookAtBalancer(let mac):
      "look at the balancer \(mac), which takes these requests and hands none on: its table, its health checks"
    case .lookAtClients: "look at the client: its filter, and its route to the VIP"
    case .lookAtRefuser(let mac, let refuser):
      switch refuser {
      case .backend: "look at the backend \(mac), which refuses: does a listener run there, at the VIP and this port?"
      case .balancer: "look at the balancer \(mac), which refuses: does it have a backend that is up?"
      case .unknown: "look who \(mac) is, which refuses: a backend needs its listener, a balancer a backend that is up"
      }
    case .lookAtRouter(let address): "look at \(address): its route to the VIP, its filter, its listener"
    case .mendTunnelEnd(let fault, let host): fault.step(on: host)
    case .changeGateway(let mac, let others):
      "make a router the default gateway of the backend \(mac)\(others > 0 ? " and of \(others) more" : ""): its replies"
        + " go to the balancer, from the VIP itself; `dsrproof explain HOST006` has more"
    case .changeForwarding:
      "hand requests on by Route or Tunnel in place of Masq, with the VIP on every backend; `dsrproof explain IPVS002`"
        + " has more"
    case .leaveAddressesAlone:
      "turn off SNAT and the translation of addresses and ports in the declaration; `dsrproof explain F5001` has more"
    case .checkGatewayAndForwarding:
      "check the backends' default gateway and the forwarding method; `dsrproof explain DSR001` has more"
    case .giveIPVSTable: "give the balancer's IPVS table (--ipvs), or name the backends: --backend ADDRESS=MAC"
    case .giveTablesOfAllBalancers: "give the tables of all balancers: --ipvs HOST=FILE"
    case .giveBalancersHost:
      "give the balancer's tables (--host NAME=DIR), or the backend's neighbours (ip -j neigh) while they hold it"
    case .giveIPVSListing: "give what ipvsadm -ln prints as well: --ipvs FILE --ipvs FILE"
    case .giveHostText(let text, let host): "add \(text.words) of \(host) to its folder, or run dsrproof collect there"
    case .giveRulesOrCapture(let host):
      "capture on \(host), or add ip -j rule and ip -j route show table all to its folder"
    case .tellIPVSRole(let mark, let vip):
      (mark.map { "say what firewall mark \($0) stands for (--fwmark \($0)=\(vip)), or whose table it is: " }
        ?? "say whose table it is: ") + "--ipvs-role balancer, or --ipvs-role node"
    case .checkIPVSRole: "look whether it is the balancer's: --ipvs-role balancer"
    case .readIPVSTableMeanwhile: "read the table while the capture runs, and say whose it is: --ipvs-role"
    case .tellMark(let mark, let vip):
      "say it: --fwmark \(mark)=\(vip), or --fwmark FILE with what iptables-save prints"
    case .leaveOutTable(let host):
      "leave that table out, or say that it has to have the service: --ipvs-role \(host)=node"
    case .giveUnlistedHost:
      "capture on a mirror, where it shows who hands it requests, or give that host's tables: --host NAME=DIR"
    case .checkDeclaration: "give the declaration that has the VIP, or look whether --vip is right"
    }
  }
}

/// `on the balancer, or on a mirror of the switch`.
private func listedPlaces(_ places: [NextStep.Place]) -> String {
  let words = places.map(\.words)
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + ", or " + last
}

extension NextStep.Place {
  fileprivate var words: String {
    switch self {
    case .client: "on the client's own network"
    case .balancer: "on the balancer"
    case .backend: "on a backend"
    case .mirror: "on a mirror of the switch"
    }
  }
}

extension NextStep.Aim {
  fileprivate func words(at places: String) -> String {
    switch self {
    case .reply: "capture \(places)"
    case .vipsNetwork: "capture on the VIP's own network: \(places)"
    case .dropper: "capture \(places): the last leg that carries these segments leads to who drops them"
    case .replySource:
      "capture \(places): if backends reply from the VIP, change their gateway; if from their own addresses, change the"
        + " forwarding method"
    case .progress: "capture \(places), to see how far the request gets"
    }
  }
}

extension NextStep.HostText {
  fileprivate var words: String {
    switch self {
    case .settings: "sysctl -a"
    case .routes: "ip -j route"
    case .firewall: "nft list ruleset, or iptables-save,"
    case .interfaceKinds: "ip -d -j addr"
    }
  }
}

extension TunnelEndFault {
  fileprivate func step(on host: String) -> String {
    switch self {
    case .noDevice: "on \(host) bring up a device of the tunnel's kind, with the balancer's VNI or key, and port"
    case .down(let device): "on \(host) bring it up: ip link set \(device) up"
    case .otherIdentifier(let device, _): "give \(device) on \(host) and the balancer's device the same VNI or key"
    case .otherRemote(let device, _):
      "let \(device) on \(host) take packets from the address that the tunnel comes from"
    case .rpFilter(let device, _): "on \(host) set rp_filter to 0 for \(device) and for all"
    case .ownSource: "give the balancer's tunnel another source: preferred_lft 0 on that address there"
    }
  }
}

extension CheckResult {
  /// What to do next; empty for a pass.
  public var remedy: String { next?.words ?? "" }
}

extension Verdict {
  /// One sentence: what decided it, or what is missing and the one step that would decide it.
  public var reason: String { sentence(cause, next) }
}

extension ServiceVerdict {
  /// One sentence: what decided it, or what is missing and the one step that would decide it.
  public var reason: String { sentence(cause, next) }
}

private func sentence(_ cause: String, _ next: NextStep?) -> String {
  cause + (next.map { "; \($0.words)" } ?? "")
}
