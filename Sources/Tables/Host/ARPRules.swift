public import Wire

/// What `arptables` does with ARP packets, in the order of its rules.
///
/// Source: arptables-nft(8); `arptables-save` of 1.8.9, which puts the target first and prints no COMMIT.
public struct ARPRules: Sendable {
  public private(set) var rules: [Rule] = []
  /// What becomes of a packet that no rule of a chain takes.
  private var policies: [String: Action] = [:]

  public enum Action: Sendable, Equatable {
    case accept, drop
    /// `mangle --mangle-ip-s`: it says another address in the sender's place.
    case newSender
    case other
  }

  public struct Rule: Sendable {
    /// `INPUT`, `OUTPUT`.
    public var chain: String
    public var action: Action = .other
    var source: Subnet?
    var destination: Subnet?
    var input: String?
    var output: String?
    /// 1 for a question, 2 for an answer.
    var operation: Int?
    /// It looks at something else as well.
    var hasMore = false
    public var line: TableLine
  }

  /// An ARP packet of an interface.
  public struct Packet: Sendable {
    public var chain: String
    public var sender: IPAddress?
    public var target: IPAddress?
    public var operation: Int
    public var interface: String

    /// A question for an address, as it comes in.
    public static func question(for address: IPAddress, by interface: String) -> Packet {
      Packet(chain: "INPUT", sender: nil, target: address, operation: 1, interface: interface)
    }

    /// What a host sends in the name of an address: a question, or an answer.
    public static func sent(by address: IPAddress, operation: Int, on interface: String) -> Packet {
      Packet(chain: "OUTPUT", sender: address, target: nil, operation: operation, interface: interface)
    }
  }

  init(text: String, path: String) throws(TableError) {
    // Of what `arptables -L` prints: the chain that the rules below belong to.
    var chain: String?
    for line in PastedText(text).parts.flatMap(\.lines) {
      var words = WordReader(line)
      let place = TableLine(path: path, number: line.number)
      switch words.next() {
      case "-A":
        rules.append(try Self.rule(in: String(try words.next("a chain")), &words, place))
      case "-P":
        let chain = String(try words.next("a chain"))
        policies[chain] = Self.action(try words.next("ACCEPT or DROP"))
      case let word? where word.first == ":":
        policies[String(word.dropFirst())] = Self.action(try words.next("ACCEPT or DROP"))
      case "Chain":
        let name = String(try words.next("a chain"))
        chain = name
        // `(policy ACCEPT)`; a chain of the user's has none.
        if words.next() == "(policy" {
          policies[name] = Self.action(try words.next("ACCEPT or DROP").prefix { $0 != ")" })
        }
      case let word? where chain != nil && (word.hasPrefix("-") || UInt32(word) != nil):
        // `--line-numbers` puts the number before the rule.
        words = WordReader(line, droppingFirst: word.hasPrefix("-") ? 0 : 1)
        rules.append(try Self.rule(in: chain ?? "", &words, place))
      case let word? where word.first == "#" || word.first == "*" || word == "COMMIT" || word == "-N": break
      default: throw line.fault("what arptables-save, arptables -S or arptables -L prints")
      }
    }
  }

  private static func action(_ word: Substring) -> Action {
    word == "ACCEPT" ? .accept : word == "DROP" ? .drop : .other
  }

  private static func rule(
    in chain: String, _ words: inout WordReader, _ line: TableLine
  ) throws(TableError) -> Rule {
    var rule = Rule(chain: chain, line: line)
    var isInverted = false
    while let word = words.next() {
      switch word {
      case "!":
        isInverted = true
        continue
      case "-j": rule.action = action(try words.next("a target"))
      case "--mangle-ip-s":
        _ = words.next()
        rule.action = .newSender
      case "-s", "-d":
        let value = try words.next("an address")
        guard let subnet = subnet(value) else { throw words.line.fault("an address, or one with a length", value) }
        if word == "-s" { rule.source = subnet } else { rule.destination = subnet }
      case "-i": rule.input = words.next().map(String.init)
      case "-o": rule.output = words.next().map(String.init)
      case "--opcode":
        rule.operation = ["1": 1, "Request": 1, "2": 2, "Reply": 2][words.next().map(String.init) ?? ""]
        if rule.operation == nil { rule.hasMore = true }
      // Those of every ARP packet of IPv4 on Ethernet.
      case "--h-length", "--h-type", "--proto-type": _ = words.next()
      // Counters, which `-v` and `-c` print.
      case ",", "--": break
      case "-c":
        _ = words.next()
        _ = words.next()
      case _ where word.hasPrefix("pcnt=") || word.hasPrefix("bcnt="): break
      default: rule.hasMore = true
      }
      if isInverted { rule.hasMore = true }
      isInverted = false
    }
    return rule
  }

  private static func subnet(_ word: Substring) -> Subnet? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ IPAddress(String($0)) }), address.version == .v4, parts.count <= 2 else {
      return nil
    }
    guard parts.count == 2 else { return Subnet(address, length: 32) }
    return UInt8(parts[1]).flatMap { $0 <= 32 ? Subnet(address, length: Int($0)) : nil }
  }

  /// What becomes of a packet; `nil` where a rule looks at more than is known of it.
  public func action(on packet: Packet) -> Action? {
    guard let rule = decidingRule(on: packet) else { return policies[packet.chain] ?? .accept }
    return rule.matches(packet) == true && rule.action != .other ? rule.action : nil
  }

  /// The line of the rule that decides about a packet, or may do so: the first that does not leave it alone.
  public func lineDeciding(on packet: Packet) -> TableLine? { decidingRule(on: packet)?.line }

  private func decidingRule(on packet: Packet) -> Rule? {
    rules.first { $0.chain == packet.chain && $0.matches(packet) != false }
  }
}

extension ARPRules.Rule {
  fileprivate func matches(_ packet: ARPRules.Packet) -> Bool? {
    let interface = packet.chain == "INPUT" ? input : output
    if let interface, interface != "*", interface != packet.interface, !interface.hasSuffix("+") { return false }
    if let operation, operation != packet.operation { return false }
    var isOpen = hasMore || interface?.hasSuffix("+") ?? false
    for (subnet, address) in [(source, packet.sender), (destination, packet.target)] {
      guard let subnet, subnet.length > 0 else { continue }
      guard let address else {
        isOpen = true
        continue
      }
      if !subnet.contains(address) { return false }
    }
    return isOpen ? nil : true
  }
}
