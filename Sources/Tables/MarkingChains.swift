/// The chains of a firewall that packets pass before IPVS takes them: those at PREROUTING and INPUT, and what these jump to.
///
/// Source: linux `net/netfilter/ipvs/ip_vs_core.c`, `ip_vs_ops`: IPVS stands at LOCAL_IN, behind mangle and filter.
struct MarkingChains {
  private struct Chain: Hashable {
    var table: String
    var name: String
  }

  private var chainsByLine: [Int: Chain] = [:]
  private var entered: Set<Chain> = []

  init(_ lines: [TextLine]) {
    var (table, name) = ("", "")
    var jumps: [Chain: Set<String>] = [:]
    for line in lines {
      let words = line.words.first?.first == "[" ? line.words.dropFirst() : line.words[...]
      guard let first = words.first else { continue }
      if first.first == "*" { table = String(first) }
      if first == "table" { (table, name) = (words.dropFirst().prefix(2).joined(separator: " "), "") }
      if first == "chain" { name = words.dropFirst().first.map(String.init) ?? "" }
      if first == "-A" { name = words.dropFirst().first.map(String.init) ?? "" }
      let chain = Chain(table: table, name: name)
      chainsByLine[line.number] = chain
      let isBase =
        first == "-A"
        ? ["PREROUTING", "INPUT"].contains(name)
        : first == "type" && (words.contains("prerouting") || words.contains("input"))
      if isBase { entered.insert(chain) }
      for (word, target) in zip(words, words.dropFirst()) where ["-j", "-g", "jump", "goto"].contains(word) {
        jumps[chain, default: []].insert(String(target))
      }
    }
    var open = Array(entered)
    while let chain = open.popLast() {
      for name in jumps[chain] ?? [] where entered.insert(Chain(table: chain.table, name: name)).inserted {
        open.append(Chain(table: chain.table, name: name))
      }
    }
  }

  /// The line is a rule of such a chain.
  func precedeIPVS(_ line: TextLine) -> Bool { chainsByLine[line.number].map(entered.contains) ?? false }
}
