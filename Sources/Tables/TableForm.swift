/// A form of text that some option reads, for messages about a text that the reader at hand does not take.
public enum TableForm: Sendable, CaseIterable {
  case ipvsListing, ipvsRules, ipvsConnections, keepalived, cilium, katran, loxilb, nftlb
  case as3, tmsh
  case kubernetesObjects, kubectlTable, kubectlDescription
  case addresses, neighbours, routes, rules, ifconfig, arp, settings, arpRules, iptables, nftables, windowsInterfaces
  case packets

  /// Who reads it.
  public enum Reader: Sendable {
    case ipvs, as3, kubernetes, host, captures

    /// As it is written on the command line.
    public var option: String {
      switch self {
      case .ipvs: "--ipvs FILE"
      case .as3: "--as3 FILE"
      case .kubernetes: "--kubernetes FILE"
      case .host: "--host NAME=FILE"
      case .captures: "-r FILE"
      }
    }
  }

  public var reader: Reader {
    switch self {
    case .ipvsListing, .ipvsRules, .ipvsConnections, .keepalived, .cilium, .katran, .loxilb, .nftlb: .ipvs
    case .as3, .tmsh: .as3
    case .kubernetesObjects, .kubectlTable, .kubectlDescription: .kubernetes
    case .addresses, .neighbours, .routes, .rules, .ifconfig, .arp, .settings, .arpRules, .iptables, .nftables,
      .windowsInterfaces:
      .host
    case .packets: .captures
    }
  }

  /// What prints it, or is it.
  public var source: String {
    switch self {
    case .ipvsListing: "ipvsadm -ln"
    case .ipvsRules: "ipvsadm -Sn"
    case .ipvsConnections: "ipvsadm -lnc"
    case .keepalived: "keepalived.conf"
    case .cilium: "cilium-dbg bpf lb list"
    case .katran: "katran_goclient -l"
    case .loxilb: "loxicmd get lb -o json"
    case .nftlb: "nftlb's configuration"
    case .as3: "an AS3 declaration"
    case .tmsh: "tmsh list ltm virtual"
    case .kubernetesObjects: "kubectl get services -o yaml"
    case .kubectlTable: "kubectl get services"
    case .kubectlDescription: "kubectl describe service"
    case .addresses: "ip addr"
    case .neighbours: "ip neigh"
    case .routes: "ip route"
    case .rules: "ip rule"
    case .ifconfig: "ifconfig"
    case .arp: "arp -n"
    case .settings: "sysctl -a"
    case .arpRules: "arptables-save"
    case .iptables: "iptables-save"
    case .nftables: "nft list ruleset"
    case .windowsInterfaces: "netsh interface ipv4 show interface level=verbose"
    case .packets: "tcpdump -e"
    }
  }

  /// Words that stand in it and in few of the others.
  private var words: Set<Substring> {
    switch self {
    case .ipvsListing: ["LocalAddress", "RemoteAddress", "Scheduler", "Forward", "ActiveConn", "InActConn", "Prot"]
    case .ipvsRules: ["ipvsadm", "-a", "-u", "-r", "-g", "-w", "--add-service", "--real-server"]
    case .ipvsConnections: ["pro", "expire", "ESTABLISHED", "FIN_WAIT", "SYN_RECV", "TIME_WAIT"]
    case .keepalived:
      ["virtual_server", "real_server", "lb_kind", "lb_algo", "lvs_method", "delay_loop", "vrrp_instance"]
    case .cilium: ["SERVICE", "ADDRESS", "BACKEND", "REVNAT_ID", "SLOT", "Frontend", "non-routable"]
    case .katran: ["vips", "VIP", "Port", "Protocol", "Vip's", "flags", "weight"]
    case .loxilb:
      [
        "lbAttr", "serviceArguments", "externalIP", "endpointIP", "targetPort", "EXT", "EXTERNALIP", "EPORT",
        "ENDPOINTIP",
      ]
    case .nftlb: ["farms", "virtual-addr", "virtual-ports", "backends", "ip-addr"]
    case .as3:
      ["AS3", "ADC", "Tenant", "Application", "schemaVersion", "Service_L4", "virtualAddresses", "virtualPort"]
    case .tmsh:
      [
        "ltm", "ip-protocol", "translate-address", "translate-port", "loose-close", "virtual-address", "vs-index",
        "translateAddress", "translatePort", "sourceAddressTranslation", "Ltm", "tmsh", "tmos",
      ]
    case .kubernetesObjects:
      ["apiVersion", "kind", "metadata", "spec", "namespace", "externalTrafficPolicy", "clusterIP"]
    case .kubectlTable: ["NAMESPACE", "NAME", "CLUSTER-IP", "EXTERNAL-IP", "PORT", "AGE", "ENDPOINTS", "ClusterIP"]
    case .kubectlDescription: ["Name", "Namespace", "Labels", "Annotations", "TargetPort", "Endpoints", "Selector"]
    case .addresses: ["inet", "inet6", "mtu", "qdisc", "link", "valid_lft", "LOWER_UP", "brd"]
    case .neighbours: ["dev", "lladdr", "REACHABLE", "STALE", "DELAY", "FAILED"]
    case .routes: ["default", "via", "dev", "proto", "scope", "metric", "kernel"]
    case .rules: ["from", "all", "lookup", "main", "local"]
    case .ifconfig: ["inet", "netmask", "broadcast", "txqueuelen", "RX", "TX", "Mask"]
    case .arp: ["HWtype", "HWaddress", "Iface", "Mask", "ether"]
    case .settings: ["net", "ipv4", "conf", "arp_ignore", "arp_announce", "rp_filter", "ip_forward"]
    case .arpRules: ["arptables-save", "arptables", "opcode", "mangle", "INPUT", "OUTPUT"]
    case .iptables:
      ["iptables-save", "iptables", "--set-mark", "COMMIT", "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "ACCEPT"]
    case .nftables: ["table", "chain", "hook", "priority", "policy", "accept", "counter"]
    case .windowsInterfaces: ["IfLuid", "IfIndex", "Parameters", "Metric", "Weak", "Sends", "Receives"]
    case .packets: ["ethertype", "IPv4", "Flags", "seq", "ack", "win", "length"]
    }
  }

  /// Of so much of a text the words count.
  private static let lookedAt = 1 << 16

  /// The form whose words stand in a text, at least two of them; the first of several with as many, those of `reader` before
  /// the others.
  public static func nearest(to text: String, for reader: Reader) -> TableForm? {
    let words = Set(text.prefix(lookedAt).split { !($0.isLetter || $0.isNumber || "_-'".contains($0)) })
    var best: (form: TableForm, count: Int)?
    for form in allCases.filter({ $0.reader == reader }) + allCases.filter({ $0.reader != reader }) {
      let count = form.words.intersection(words).count
      if count > max(best?.count ?? 0, 1) { best = (form, count) }
    }
    return best?.form
  }
}
