/// A text as people paste it: what commands printed, with the prompts, code fences and log prefixes around it.
///
/// A part begins at each prompt. Lines that nothing printed (prompts, fences, log messages) are set aside; where a part of
/// the text was left out, the part says so.
struct PastedText {
  /// What one command printed, as far as prompts tell commands apart.
  struct Part {
    /// The command without its prompt, word by word; `nil` where no prompt tells it.
    var command: [Substring]?
    /// The line of the command.
    var commandLine = 0
    /// Whose prompt it was, of `root@lb1:~#`.
    var host: String?
    var lines: [TextLine] = []
    /// The numbers of the lines at which something was left out (`...`).
    var gaps: [Int] = []
  }

  private(set) var parts: [Part] = []
  /// The lines that nothing printed.
  private(set) var setAside = 0

  init(_ text: String) { self.init(TextLine.all(of: text)) }

  init(_ lines: [TextLine]) {
    var part = Part()
    for line in lines {
      if let prompt = Prompt(line) {
        setAside += 1
        if !part.lines.isEmpty || part.command != nil { parts.append(part) }
        part = Part(command: prompt.command, commandLine: line.number, host: prompt.host ?? part.host)
      } else if Self.isFence(line) {
        setAside += 1
      } else if Self.isGap(line) {
        setAside += 1
        part.gaps.append(line.number)
      } else {
        part.lines.append(line)
      }
    }
    if !part.lines.isEmpty || part.command != nil || !part.gaps.isEmpty { parts.append(part) }
  }

  /// Whose prompt a line is, where it names a host.
  static func host(ofPrompt line: TextLine) -> String? { Prompt(line)?.host }

  private static func isFence(_ line: TextLine) -> Bool { line.words[0].hasPrefix("```") }

  private static let gaps: Set<Substring> = [
    "…", "[...]", "[…]", "(...)", "<...>", "<snip>", "[snip]", "(snip)", "snip",
  ]

  private static func isGap(_ line: TextLine) -> Bool {
    guard line.words.count == 1, let word = line.words.first else { return false }
    return gaps.contains(word) || word.utf8.count >= 2 && word.allSatisfy { $0 == "." }
  }
}

/// The line in which somebody asked for what stands below: `[root@lb1 ~]# ipvsadm -ln`.
private struct Prompt {
  var command: [Substring]?
  var host: String?

  /// `nil` for any other line. A prompt that names no user has to stand before a command that is known, for comments and
  /// rules begin with the same signs.
  init?(_ line: TextLine) {
    let words = line.words
    // The words of a prompt itself are few: `[root@lb1 ~]#`, `/ #`, `PS C:\>`.
    for index in 0..<min(words.count, 3) {
      guard let last = words[index].last, "#$%>".contains(last), words[index].first != "<", words[index] != "->"
      else { continue }
      let rest = words[(index + 1)...]
      let host = words[...index].lazy.compactMap(Self.host).first
      guard host != nil || Self.isCommand(rest) else { continue }
      (command, self.host) = (rest.isEmpty ? nil : Self.plain(rest), host)
      return
    }
    // Windows' prompts touch the command: `C:\Users\me>arp -a`.
    if let first = words.first, let sign = first.firstIndex(of: ">"), first.dropFirst().hasPrefix(":\\") {
      let rest = [first[first.index(after: sign)...]] + words.dropFirst()
      command = rest[0].isEmpty ? nil : rest
      return
    }
    guard Self.isCommand(words[...]) else { return nil }
    command = Self.plain(words[...])
  }

  private static func host(_ word: Substring) -> String? {
    guard let sign = word.firstIndex(of: "@"), sign != word.startIndex else { return nil }
    let host = word[word.index(after: sign)...].prefix {
      $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_"
    }
    return host.isEmpty ? nil : String(host)
  }

  /// Without `sudo` and the folder of the program.
  private static func plain(_ words: ArraySlice<Substring>) -> [Substring] {
    var words = Array(words)
    while words.first == "sudo" { words.removeFirst() }
    if let first = words.first, let slash = first.lastIndex(of: "/") { words[0] = first[first.index(after: slash)...] }
    return words
  }

  private static let programs: Set<Substring> = [
    "ipvsadm", "ifconfig", "netsh", "iptables", "iptables-save", "ip6tables", "ip6tables-save", "arptables",
    "arptables-save", "ebtables", "ebtables-save", "hostname", "dpip", "kubectl",
  ]

  /// Words that begin a command, and begin neither a rule of nftables nor anything else that is read.
  private static func isCommand(_ words: ArraySlice<Substring>) -> Bool {
    let words = plain(words)
    guard let first = words.first else { return false }
    let second = words.dropFirst().first ?? ""
    if programs.contains(first) { return !second.hasPrefix(":") }
    switch first {
    case "ip":
      let objects = ["address", "link", "neighbor", "neighbour", "route", "rule"]
      return second.hasPrefix("-") || !second.isEmpty && objects.contains { $0.hasPrefix(second) }
    case "arp", "sysctl": return second.isEmpty || second.hasPrefix("-")
    case "cat": return second.hasPrefix("/")
    case "nft": return second.hasPrefix("-") || second == "list"
    default: return false
    }
  }
}
