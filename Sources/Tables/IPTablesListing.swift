/// What `iptables -nvL` prints, turned into the rules that `iptables -S` prints of the same chains.
///
/// Source: iptables 1.8.9 `iptables/nft-ipv4.c`, `nft_ipv4_print_rule`; `extensions/libxt_MARK.c`, `libxt_multiport.c`,
/// `libxt_conntrack.c`, `libxt_mac.c`.
enum IPTablesListing {
  /// Whether this is such a text: a chain, and the heading of its columns.
  static func isListing(_ lines: [TextLine]) -> Bool {
    lines.contains { $0.words[0] == "Chain" } && lines.contains(where: isHeading)
  }

  private static func isHeading(_ line: TextLine) -> Bool {
    line.words.contains("target") && line.words.contains("prot")
  }

  /// The same rules; a line that is none stays as it is.
  static func rules(_ lines: [TextLine]) -> [TextLine] {
    var (chain, columns): (Substring, [Substring]) = ("", [])
    return lines.compactMap { line in
      if line.words[0] == "Chain", line.words.count > 1 {
        chain = line.words[1]
        guard line.words.count > 3, line.words[2] == "(policy" else { return nil }
        return rewritten(line, ["-P", chain, line.words[3].prefix { $0 != ")" }])
      }
      if isHeading(line) {
        columns = line.words
        return nil
      }
      return chain.isEmpty || columns.isEmpty ? line : rule(line, in: chain, columns)
    }
  }

  private static func rewritten(_ line: TextLine, _ words: [Substring]) -> TextLine {
    TextLine(number: line.number, text: line.text, words: words)
  }

  private static func rule(_ line: TextLine, in chain: Substring, _ columns: [Substring]) -> TextLine {
    var rest = line.words[...]
    var values: [Substring: Substring] = [:]
    for column in columns {
      // A rule without a target has nothing in that column, and `opt` is told by its signs.
      if column == "target", rest.count > 1, ["--", "-f", "!f"].contains(rest[rest.startIndex + 1]) { continue }
      values[column] = rest.popFirst()
    }
    var words: [Substring] = ["-A", chain]
    func add(_ option: Substring, _ value: Substring?, unless every: Set<Substring>) {
      guard let value, !every.contains(value) else { return }
      words += value.first == "!" ? ["!", option, value.dropFirst()] : [option, value]
    }
    add("-p", values["prot"], unless: ["0", "all"])
    // Without `-v` nobody knows which interface a rule is for.
    add("-i", columns.contains("in") ? values["in"] : "?", unless: ["*", "any"])
    add("-o", values["out"], unless: ["*", "any"])
    add("-s", values["source"], unless: ["0.0.0.0/0", "::/0", "anywhere"])
    add("-d", values["destination"], unless: ["0.0.0.0/0", "::/0", "anywhere"])
    var options: [Substring] = []
    while let word = rest.popFirst() { (words, options) = matched(word, &rest, words, options) }
    if let target = values["target"] { words += ["-j", target] }
    return rewritten(line, words + options)
  }

  /// What a match is in a rule, and what an option of the target is.
  private static func matched(
    _ word: Substring, _ rest: inout ArraySlice<Substring>, _ words: [Substring], _ options: [Substring]
  ) -> ([Substring], [Substring]) {
    switch word {
    case "tcp", "udp", "sctp": return (words, options)
    case "/*":
      while let more = rest.popFirst(), more != "*/" {}
      return (words, options)
    case "multiport" where rest.first == "dports":
      rest = rest.dropFirst()
      return (words + ["-m", "multiport", "--dports", rest.popFirst() ?? ""], options)
    case "MAC":
      let isInverted = rest.first == "!"
      if isInverted { rest = rest.dropFirst() }
      return (words + ["-m", "mac"] + (isInverted ? ["!"] : []) + ["--mac-source", rest.popFirst() ?? ""], options)
    case "ctstate", "state":
      return (words + ["-m", word == "state" ? "state" : "conntrack", "--" + word, rest.popFirst() ?? ""], options)
    case "MARK" where rest.first == "set" || rest.first == "xset":
      rest = rest.dropFirst()
      return (words, options + ["--set-xmark", rest.popFirst() ?? ""])
    case "reject-with": return (words, options + ["--reject-with", rest.popFirst() ?? ""])
    case _ where word.hasPrefix("dpt:") || word.hasPrefix("dpts:"):
      return (words + ["--dport", word[word.index(after: word.firstIndex(of: ":") ?? word.startIndex)...]], options)
    // It matches by something that is not read.
    default: return (words + ["--unread", word], options)
    }
  }
}
