/// Rules of nftables that see ARP packets, or frames before these are ARP packets: tables of the families `arp`, `netdev`
/// and `bridge`. They are not read any further than to tell whether they may take an ARP packet.
///
/// Source: nft(8), address families; `nft list ruleset` prints a statement a line. A chain of `inet` at a hook of ingress sees
/// IP alone (linux net/netfilter/nft_chain_filter.c, nft_do_chain_inet_ingress).
extension HostTables {
  /// The first rule, or policy, by which nftables may silence or change ARP; `nil` where there is none. What arptables
  /// prints stands in nftables' table `arp filter` too, and is read there.
  public var possibleARPFilter: TableLine? {
    for firewall in firewalls {
      if let line = Self.possibleARPFilter(in: firewall.text, besideARPTables: arpRules != nil) {
        return TableLine(path: firewall.path, number: line)
      }
    }
    return nil
  }

  private static func possibleARPFilter(in text: String, besideARPTables: Bool) -> Int? {
    var (seesFrames, isInChain) = (false, false)
    for line in TextLine.all(of: text).map(\.withoutHandle) {
      let words = line.words
      switch words.first {
      case "table" where words.last == "{":
        let family = words.count > 3 ? words[1] : "ip"
        let isOfARPTables = besideARPTables && family == "arp" && words[2] == "filter"
        seesFrames = ["arp", "netdev", "bridge"].contains(family) && !isOfARPTables
        isInChain = false
      case "chain": isInChain = true
      case "}": isInChain = false
      case let first? where seesFrames && isInChain:
        // Matches of IP and what it carries leave ARP alone.
        if ["ip", "ip6", "tcp", "udp", "icmp", "icmpv6"].contains(first) { continue }
        let verdicts: Set<Substring> = [
          "drop", "drop;", "reject", "jump", "goto", "queue", "set", "dup", "fwd", "vmap",
        ]
        if words.contains(where: verdicts.contains) { return line.number }
      default: break
      }
    }
    return nil
  }
}
