public import Wire

/// Which packets a firewall puts marks on, by the mark: what a service by firewall mark stands for.
///
/// Read from `iptables-save` or `nft list ruleset`. Rules that mark by anything but the destination's whole address,
/// protocol and port, such as negations and named sets, are left out: nothing tells what they stand for. The interface that
/// packets come by may stand beside these. Rules in chains that no packet enters before IPVS are left out as well.
public struct FirewallMarks: Equatable, Sendable {
  public private(set) var targets: [UInt32: [Target]] = [:]
  /// The rules that set a mark before IPVS and are not read, by their lines.
  public private(set) var unread: [Unread] = []

  public struct Unread: Hashable, Sendable {
    public var line: Int
    public var text: String
  }

  public struct Target: Hashable, Sendable {
    public var address: IPAddress
    /// `nil` for every one.
    public var transport: IPVSTable.Transport?
    public var port: UInt16?
  }

  /// Sources: iptables-extensions(8) (MARK, multiport, tcp, udp), nft(8) (payload expressions, meta statement).
  public init(text: String) throws(TableError) {
    var lines = PastedText(text).parts.flatMap(\.lines)
    if IPTablesListing.isListing(lines) { lines = IPTablesListing.rules(lines) }
    // `iptables -t mangle -S` has neither a table's name nor an end.
    let isListing = lines.allSatisfy { ["-P", "-N", "-A"].contains($0.words.first ?? "") }
    let isIPTables =
      lines.contains { $0.text.hasPrefix("*") } && lines.contains { $0.text == "COMMIT" } || isListing && !lines.isEmpty
    let isNFTables = lines.contains { $0.words.first == "table" && $0.words.contains("{") }
    guard isIPTables || isNFTables else {
      throw TableError(
        line: lines.first?.number ?? 0,
        expected: "what iptables-save, iptables -t mangle -S or -nvL, or nft list ruleset prints",
        found: lines.first.map { String($0.text) } ?? "nothing")
    }
    let chains = MarkingChains(lines)
    for line in lines where chains.precedeIPVS(line) {
      let found = isIPTables ? Self.iptables(line) : Self.nftables(line)
      if found.isEmpty, Self.setsMark(line) {
        unread.append(Unread(line: line.number, text: line.words.joined(separator: " ")))
      }
      for (mark, target) in found where !(targets[mark] ?? []).contains(target) {
        targets[mark, default: []].append(target)
      }
    }
  }

  private static func setsMark(_ line: TextLine) -> Bool {
    zip(line.words, line.words.dropFirst()).contains { $0 == "mark" && $1 == "set" || $0 == "-j" && $1 == "MARK" }
  }

  private struct Rule {
    var addresses: [IPAddress] = []
    var transports: [IPVSTable.Transport] = []
    var ports: [UInt16] = []
    var mark: UInt32?

    var targets: [(UInt32, Target)] {
      guard let mark else { return [] }
      let transports = transports.isEmpty ? [nil] : transports.map(Optional.some)
      let ports = ports.isEmpty ? [nil] : ports.map(Optional.some)
      return addresses.flatMap { address in
        transports.flatMap { transport in
          ports.map { (mark, Target(address: address, transport: transport, port: $0)) }
        }
      }
    }
  }

  /// `-A PREROUTING -d 10.1.10.10/32 -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x5c9/0xffffffff`
  private static func iptables(_ line: TextLine) -> [(UInt32, Target)] {
    // `iptables-save -c` has counters before each rule.
    let counters = line.words.first?.first == "[" ? 1 : 0
    guard line.words.dropFirst(counters).first == "-A" else { return [] }
    var rule = Rule()
    var isInverted = false
    var words = WordReader(line, droppingFirst: counters + 2)
    while let word = words.next() {
      // All but one interface, or all but one neighbour, may bring the service's packets.
      if isInverted, word != "-i", word != "--mac-source" { return [] }
      isInverted = word == "!"
      switch word {
      case "!": break
      case "-d":
        guard let address = words.next().flatMap(wholeAddress) else { return [] }
        rule.addresses = [address]
      // Requests come by an interface, which does not make them others. What leaves by one has been handed on already.
      case "-i", "--mac-source":
        guard words.next() != nil else { return [] }
      case "-p":
        guard let transports = words.next().flatMap({ transportList([$0]) }) else { return [] }
        rule.transports = transports
      case "--dport", "--dports":
        guard let ports = words.next().flatMap({ portList($0.split(separator: ","), rangeMark: ":") }) else {
          return []
        }
        rule.ports = ports
      case "-m":
        guard let name = words.next(), ["tcp", "udp", "sctp", "multiport", "comment", "mac"].contains(name) else {
          return []
        }
      case "--comment":
        // One of several words stands in quotes.
        guard var text = words.next() else { return [] }
        if text.first == "\"", text.last != "\"" || text.count == 1 {
          while text.last != "\"" {
            guard let more = words.next() else { return [] }
            text = more
          }
        }
      case "-j":
        guard words.next() == "MARK" else { return [] }
      case "--set-mark", "--set-xmark":
        // With a mask that leaves bits as they were, the mark depends on more than this rule.
        let parts = words.next()?.split(separator: "/") ?? []
        guard let mark = parts.first.flatMap(number), parts.count == 1 || number(parts[1]) == .max else { return [] }
        rule.mark = mark
      // Whatever else it looks at, the mark is not for all of the service.
      default: return []
      }
    }
    return rule.targets
  }

  /// `ip daddr 10.1.10.10 tcp dport { 80, 443 } meta mark set 0x000005c9`
  private static func nftables(_ line: TextLine) -> [(UInt32, Target)] {
    guard line.words.contains("mark") else { return [] }
    var rule = Rule()
    var words = WordReader(line)
    var before: Substring = ""
    while let word = words.next() {
      switch word {
      case "daddr":
        guard before == "ip" || before == "ip6", let values = valueList(&words) else { return [] }
        let addresses = values.compactMap(wholeAddress)
        guard addresses.count == values.count else { return [] }
        rule.addresses = addresses
      case "l4proto" where before == "meta":
        guard let values = valueList(&words) else { return [] }
        guard let transports = transportList(values) else { return [] }
        rule.transports = transports
      case "protocol" where before == "ip", "nexthdr" where before == "ip6":
        guard let values = valueList(&words), let transports = transportList(values) else { return [] }
        rule.transports = transports
      // As with iptables' -i.
      case "iifname", "iif",
        "saddr" where before == "ether":
        if words.peeked == "!=" { _ = words.next() }
        guard valueList(&words) != nil else { return [] }
      case "dport":
        if let transport = IPVSTable.Transport(rawValue: String(before)) {
          rule.transports = [transport]
        } else if before != "th" {
          return []
        }
        guard let values = valueList(&words), let ports = portList(values, rangeMark: "-") else { return [] }
        rule.ports = ports
      case "set" where before == "mark" && words.line.words.contains("map"):
        return mapped(&words, rule)
      case "set" where before == "mark":
        guard let mark = words.next().flatMap(number) else { return [] }
        rule.mark = mark
      case "ip", "ip6", "tcp", "udp", "sctp", "th", "ether", "meta", "mark", "counter": break
      case "packets", "bytes":
        guard words.next() != nil else { return [] }
      // What stands behind the mark says nothing of what it stands for.
      case "comment", "#", "accept", "return", "continue", "log":
        return rule.targets
      // Whatever else it looks at, the mark is not for all of the service.
      default: return []
      }
      before = word
    }
    return rule.targets
  }

  /// `meta mark set ip daddr map { 10.1.10.10 : 0x00000005, 10.1.10.11 : 0x00000006 }`, or `tcp dport map { 80 : 5 }`.
  private static func mapped(_ words: inout WordReader, _ rule: Rule) -> [(UInt32, Target)] {
    guard let family = words.next(), let field = words.next(), words.next() == "map", let values = valueList(&words)
    else { return [] }
    let transport = IPVSTable.Transport(rawValue: String(family))
    let isAddress = field == "daddr" && (family == "ip" || family == "ip6")
    guard isAddress || field == "dport" && (transport != nil || family == "th"), values.count % 3 == 0 else {
      return []
    }
    var found: [(UInt32, Target)] = []
    for index in stride(from: 0, to: values.count, by: 3) {
      guard values[index + 1] == ":", let mark = number(values[index + 2]) else { return [] }
      var rule = rule
      rule.mark = mark
      if isAddress {
        guard let address = wholeAddress(values[index]) else { return [] }
        rule.addresses = [address]
      } else {
        guard let ports = portList([values[index]], rangeMark: "-") else { return [] }
        rule.ports = ports
        if let transport { rule.transports = [transport] }
      }
      found += rule.targets
    }
    return found
  }

  private static func transportList(_ words: [Substring]) -> [IPVSTable.Transport]? {
    let numbers: [Substring: IPVSTable.Transport] = ["6": .tcp, "17": .udp, "132": .sctp]
    let found = words.compactMap { IPVSTable.Transport(rawValue: String($0)) ?? numbers[$0] }
    return found.count == words.count ? found : nil
  }

  /// One value, or the members of an anonymous set: `{ 80, 443 }`.
  private static func valueList(_ words: inout WordReader) -> [Substring]? {
    guard let first = words.next(), first.first != "@" else { return nil }
    guard first == "{" else { return [first] }
    var values: [Substring] = []
    while let word = words.next(), word != "}" { values.append(word.last == "," ? word.dropLast() : word) }
    return values
  }

  /// An address of one host; `nil` for a network.
  private static func wholeAddress(_ word: Substring) -> IPAddress? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
    guard parts.count == 2 else { return address }
    return parts[1] == (address.version == .v4 ? "32" : "128") ? address : nil
  }

  /// Ports and ranges of them; `nil` where one is no number, or a range is too wide to be meant for single services.
  private static func portList(_ words: [Substring], rangeMark: Character) -> [UInt16]? {
    var ports: [UInt16] = []
    for word in words {
      let ends = word.split(separator: rangeMark, omittingEmptySubsequences: false).map { UInt16($0) }
      guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high, high - low < 256
      else { return nil }
      ports += low...high
    }
    return ports
  }

  /// Decimal, or hexadecimal after `0x`.
  private static func number(_ word: Substring) -> UInt32? {
    word.hasPrefix("0x") ? UInt32(word.dropFirst(2), radix: 16) : UInt32(word)
  }
}
