public import Wire

/// What a firewall does with TCP packets to or from an address that connection tracking calls INVALID, as those of a
/// connection of which it sees one half: their acknowledgments come before any SYN-ACK.
///
/// Read from `iptables-save` or `nft list ruleset`. A rule that looks at what is not known here may take a packet or not.
public struct InvalidStateRules: Sendable {
  /// Where packets pass.
  public enum Hook: String, Sendable { case prerouting, input, forward }

  public enum Fate: Sendable, Equatable {
    case passes
    /// By this line of the text.
    case dropped(Int)
    /// The rule in this line looks at more, or takes the packet out of connection tracking, and may decide otherwise.
    case unknown(Int)
  }

  enum Action: Equatable, Sendable {
    case goOn, accept, drop, back
    case jump(String)
    case go(String)
    case untrack, other
  }

  struct Rule: Sendable {
    var line: Int
    /// `false` where it never takes such a packet, `nil` where that depends on more.
    var matches: Bool? = true
    var action = Action.goOn

    mutating func and(_ other: Bool?) {
      matches = matches == false || other == false ? false : other == nil ? nil : matches
    }
  }

  struct Chain: Sendable {
    /// The table that it belongs to; a jump stays in it.
    var table: String
    var name: String
    var hook: Hook?
    var rules: [Rule] = []
    var drops = false
    var line: Int
  }

  var chains: [Chain] = []
  /// It has all tables: `iptables -S` and `-nvL` print one.
  public private(set) var isWhole = true

  /// `endpoint` is the service's.
  public init(text: String, vip: IPAddress, port: UInt16?) {
    var lines = Self.lines(of: text)
    isWhole = lines.isEmpty || Self.isNFTables(lines) || lines.contains { $0.words == ["*filter"] }
    if IPTablesListing.isListing(lines) { lines = IPTablesListing.rules(lines) }
    let service = Service(vip: vip, port: port)
    chains = Self.isNFTables(lines) ? Self.nftables(lines, service) : Self.iptables(lines, service)
  }

  struct Service {
    var vip: IPAddress
    var port: UInt16?
  }

  private static func lines(of text: String) -> [TextLine] {
    PastedText(text).parts.flatMap(\.lines).map(\.withoutHandle)
  }

  private static func isNFTables(_ lines: [TextLine]) -> Bool {
    lines.contains { $0.words.first == "table" && $0.words.last == "{" }
  }

  /// What is no text of a firewall would let everything pass.
  static func check(_ text: String) throws(TableError) {
    let lines = lines(of: text).filter { $0.words[0].first != "#" && $0.words[0].first != ";" }
    guard let first = lines.first, !isNFTables(lines), !IPTablesListing.isListing(lines) else { return }
    guard lines.contains(where: { $0.words[0].first == "*" || ["-P", "-N", "-A"].contains($0.words[0]) }) else {
      throw first.fault("what iptables-save, iptables -S or -nvL, or nft list ruleset prints")
    }
  }

  /// What becomes of a packet that passes these, one after the other.
  public func fate(at hooks: [Hook]) -> Fate {
    if let rule = chains.lazy.flatMap(\.rules).first(where: { $0.action == .untrack && $0.matches != false }) {
      return .unknown(rule.line)
    }
    var open: Int?
    for chain in chains where chain.hook.map(hooks.contains) ?? false {
      switch fate(in: chain, depth: 0) {
      case .dropped(let line): return open.map { .unknown($0) } ?? .dropped(line)
      case .unknown(let line): open = open ?? line
      case .passes: break
      }
    }
    return open.map { .unknown($0) } ?? .passes
  }

  private func fate(in chain: Chain, depth: Int) -> Fate {
    switch walk(chain, depth: depth) {
    case .decided(let fate): fate
    case .back(let open): open.map { .unknown($0) } ?? (chain.drops ? .dropped(chain.line) : .passes)
    }
  }

  private enum Walk {
    case decided(Fate)
    /// It comes back to where it was called from; whether it always does may be open, for the rule in this line.
    case back(open: Int?)
  }

  private func walk(_ chain: Chain, depth: Int) -> Walk {
    // Loops are refused by the kernel; this is for texts that nothing printed.
    if depth > 16 { return .decided(.unknown(chain.line)) }
    var open: Int?
    for rule in chain.rules where rule.matches != false {
      let isSure = rule.matches == true
      switch rule.action {
      case .goOn: continue
      case .accept:
        if isSure { return .decided(open.map { .unknown($0) } ?? .passes) }
        open = open ?? rule.line
      case .drop:
        if isSure { return .decided(open.map { .unknown($0) } ?? .dropped(rule.line)) }
        open = open ?? rule.line
      case .back:
        if isSure { return .back(open: open) }
        open = open ?? rule.line
      case .jump(let name), .go(let name):
        guard let next = chains.first(where: { $0.table == chain.table && $0.name == name }) else {
          open = open ?? rule.line
          continue
        }
        switch walk(next, depth: depth + 1) {
        case .decided(let fate):
          if isSure { return .decided(open.map { .unknown($0) } ?? fate) }
          open = open ?? rule.line
        case .back(let line):
          open = open ?? line
          if isSure, case .go = rule.action { return .back(open: open) }
        }
      case .untrack, .other: open = open ?? rule.line
      }
    }
    return .back(open: open)
  }
}

// MARK: - iptables

extension InvalidStateRules {
  /// Source: iptables-extensions(8), conntrack and state.
  private static func iptables(_ lines: [TextLine], _ service: Service) -> [Chain] {
    var table = "filter"
    var chains: [Chain] = []
    func index(_ name: Substring, _ line: Int) -> Int {
      if let known = chains.firstIndex(where: { $0.table == table && $0.name == name }) { return known }
      chains.append(Chain(table: table, name: String(name), hook: Hook(rawValue: name.lowercased()), line: line))
      return chains.count - 1
    }
    for line in lines {
      guard let first = line.words.first else { continue }
      if first.first == "*" { table = String(first.dropFirst()) }
      if first.first == ":", line.words.count > 1 {
        let chain = index(first.dropFirst(), line.number)
        chains[chain].drops = line.words[1] == "DROP"
      }
      if first == "-P", line.words.count > 2 {
        chains[index(line.words[1], line.number)].drops = line.words[2] == "DROP"
      }
      // `iptables-save -c` has counters before each rule.
      let words = first.first == "[" ? line.words.dropFirst() : line.words[...]
      if words.first == "-A", let name = words.dropFirst().first {
        chains[index(name, line.number)].rules.append(rule(words.dropFirst(2), line.number, service))
      }
    }
    return chains
  }

  private static func rule(_ words: ArraySlice<Substring>, _ line: Int, _ service: Service) -> Rule {
    var rule = Rule(line: line)
    var rest = words
    var isInverted = false
    while let word = rest.popFirst() {
      if word == "!" {
        isInverted = true
        continue
      }
      var matches: Bool? = true
      switch word {
      case "-m": _ = rest.popFirst()
      case "--comment":
        // One of several words stands in quotes.
        if var text = rest.popFirst(), text.first == "\"" {
          while text.count == 1 || text.last != "\"", let more = rest.popFirst() { text = more }
        }
      case "--ctstate", "--state":
        matches = (rest.popFirst() ?? "").split(separator: ",").contains("INVALID")
      case "-p": matches = ["tcp", "all", "6"].contains(rest.popFirst() ?? "")
      case "-i": matches = rest.popFirst() == "lo" ? false : nil
      case "-d": matches = service.isAt(rest.popFirst() ?? "")
      case "--dport": matches = service.hasPort(rest.popFirst() ?? "")
      case "-j", "-g":
        let target = rest.popFirst() ?? ""
        rule.action = action(target, isGoing: word == "-g")
        // Options of a target say nothing of the packet.
        rest = []
      default:
        matches = nil
        // Its value, if it has one.
        if word.hasPrefix("-"), let next = rest.first, !next.hasPrefix("-"), next != "!" { _ = rest.popFirst() }
      }
      if isInverted, word.hasPrefix("-"), word != "-j", word != "-g" { matches = matches.map { !$0 } }
      isInverted = false
      rule.and(matches)
    }
    return rule
  }

  private static func action(_ target: Substring, isGoing: Bool) -> Action {
    switch target {
    case "ACCEPT": .accept
    case "DROP", "REJECT": .drop
    case "RETURN": .back
    case "LOG", "NFLOG", "MARK", "CONNMARK", "TRACE", "AUDIT", "CHECKSUM", "CLASSIFY", "DSCP", "TCPMSS": .goOn
    case "NOTRACK", "CT": .untrack
    default: isGoing ? .go(String(target)) : .jump(String(target))
    }
  }
}

extension InvalidStateRules.Service {
  /// Whether packets to the VIP are to this address, or to a part of this network.
  fileprivate func isAt(_ word: Substring) -> Bool? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
    guard parts.count == 2 else { return address == vip }
    return Int(parts[1]).map { Subnet(address, length: $0).contains(vip) }
  }

  fileprivate func hasPort(_ word: Substring) -> Bool? {
    guard let port, let number = UInt16(word) else { return nil }
    return number == port
  }
}

// MARK: - nftables

extension InvalidStateRules {
  /// Source: nft(8), CONNTRACK EXPRESSIONS and VERDICT STATEMENTS.
  private static func nftables(_ lines: [TextLine], _ service: Service) -> [Chain] {
    let families = ["ip": service.vip.version == .v4, "ip6": service.vip.version == .v6, "inet": true]
    var chains: [Chain] = []
    var (table, isOurs, isInChain) = ("", false, false)
    for line in lines {
      let words = line.words
      if words.first == "table", words.last == "{" {
        (table, isInChain) = (words.dropFirst().dropLast().joined(separator: " "), false)
        isOurs = families[String(words.dropFirst().first ?? "")] ?? false
      } else if words.first == "chain", words.last == "{", words.count > 2 {
        isInChain = isOurs
        if isOurs { chains.append(Chain(table: table, name: String(words[1]), line: line.number)) }
      } else if words.last == "{" || words == ["}"] {
        isInChain = false
      } else if isInChain, words.first == "type" {
        let hook = words.firstIndex(of: "hook").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        chains[chains.count - 1].hook = hook.flatMap { Hook(rawValue: String($0)) }
        chains[chains.count - 1].drops = words.contains("drop;")
      } else if isInChain {
        chains[chains.count - 1].rules.append(nftablesRule(words[...], line.number, service))
      }
    }
    return chains
  }

  private static func nftablesRule(_ words: ArraySlice<Substring>, _ line: Int, _ service: Service) -> Rule {
    var rule = Rule(line: line)
    var rest = words
    func values() -> (words: [Substring], isInverted: Bool) {
      let isInverted = rest.first == "!="
      if isInverted { _ = rest.popFirst() }
      guard let first = rest.popFirst() else { return ([], isInverted) }
      guard first == "{" else { return (first.split(separator: ","), isInverted) }
      var found: [Substring] = []
      while let word = rest.popFirst(), word != "}" { found.append(word.last == "," ? word.dropLast() : word) }
      return (found, isInverted)
    }
    func any(_ test: (Substring) -> Bool?) -> Bool? {
      let (words, isInverted) = values()
      let found = words.map(test)
      let matches: Bool? = found.contains(true) ? true : found.contains(nil) || words.isEmpty ? nil : false
      return isInverted ? matches.map { !$0 } : matches
    }
    while let word = rest.popFirst() {
      switch word {
      case "ct" where rest.first == "state":
        _ = rest.popFirst()
        if rest.first == "vmap" {
          _ = rest.popFirst()
          rule.action = verdict(ofInvalid: values().words)
        } else {
          rule.and(any { $0 == "invalid" })
        }
      case "iifname", "iif": rule.and(any { $0 == "\"lo\"" || $0 == "lo" ? false : nil })
      case "daddr": rule.and(any(service.isAt))
      case "dport": rule.and(any(service.hasPort))
      case "protocol", "l4proto", "nexthdr": rule.and(any { $0 == "tcp" || $0 == "6" })
      case "ip", "ip6", "tcp", "th", "meta": break
      case "udp", "icmp", "icmpv6", "sctp":
        rule.and(false)
      case "counter":
        if rest.first == "packets" { rest = rest.dropFirst(4) }
      case "comment", "log": rest = rest.drop { !["accept", "drop", "reject", "jump", "goto", "return"].contains($0) }
      case "accept": rule.action = .accept
      case "drop", "reject":
        rule.action = .drop
        rest = []
      case "return": rule.action = .back
      case "notrack": rule.action = .untrack
      case "jump", "goto":
        let name = String(rest.popFirst() ?? "")
        rule.action = word == "jump" ? .jump(name) : .go(name)
      default: rule.and(nil)
      }
    }
    return rule
  }

  /// `invalid : drop, established : accept`
  private static func verdict(ofInvalid words: [Substring]) -> Action {
    guard let index = words.firstIndex(of: "invalid"), index + 2 < words.count else { return .goOn }
    return switch words[index + 2] {
    case "drop": .drop
    case "accept": .accept
    case "return": .back
    case "continue": .goOn
    case "jump" where index + 3 < words.count: .jump(String(words[index + 3]))
    case "goto" where index + 3 < words.count: .go(String(words[index + 3]))
    default: .other
    }
  }
}
