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
    /// Whose prompt it was, of `root@lb1:~#`; or what the command went into, of `ip netns exec be1 ip addr`.
    var host: String?
    /// The command went into a namespace, a container or another host.
    var isInside = false
    var lines: [TextLine] = []
    /// The numbers of the lines at which something was left out (`...`).
    var gaps: [Int] = []

    /// Its command picks lines out of what another one prints: `ipvsadm -Ln | grep 10.1.10.10`.
    var isPickedOut: Bool {
      guard let command, let pipe = command.firstIndex(where: { $0 == "|" || $0 == "|&" }), pipe + 1 < command.count
      else { return false }
      return !["less", "more", "cat", "tee", "sort", "column"].contains(command[pipe + 1])
    }
  }

  private(set) var parts: [Part] = []
  /// The lines that nothing printed.
  private(set) var setAside = 0

  init(_ text: String) { self.init(TextLine.all(of: text)) }

  init(_ lines: [TextLine]) {
    var part = Part()
    var outer: String?
    for line in lines {
      if let prompt = Prompt(line) ?? Prompt(watched: line) {
        setAside += 1
        if !part.lines.isEmpty || part.command != nil { parts.append(part) }
        outer = prompt.host ?? outer
        part = Part(
          command: prompt.command, commandLine: line.number, host: prompt.inside ?? outer,
          isInside: prompt.inside != nil)
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
  /// The namespace, container or host that the command went into.
  var inside: String?

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
      (command, inside) = rest.isEmpty ? (nil, nil) : Self.unwrapped(rest)
      self.host = host
      return
    }
    // Windows' prompts touch the command: `C:\Users\me>arp -a`.
    if let first = words.first, let sign = first.firstIndex(of: ">"), first.dropFirst().hasPrefix(":\\") {
      let rest = [first[first.index(after: sign)...]] + words.dropFirst()
      command = rest[0].isEmpty ? nil : rest
      return
    }
    guard Self.isCommand(words[...]) else { return nil }
    (command, inside) = Self.unwrapped(words[...])
  }

  /// `Every 2.0s: ipvsadm -Ln          lb1: Tue Dec  1 02:36:00 2026`, above what watch shows of a command.
  init?(watched line: TextLine) {
    let words = line.words
    guard words.count > 2, words[0] == "Every", words[1].hasSuffix("s:"), Double(words[1].dropLast(2)) != nil else {
      return nil
    }
    // The host's name and the time stand at the right edge.
    let end = line.text.ranges(of: "   ").last.map { line.text[$0.upperBound...].split(separator: " ") } ?? []
    let isTime = end.first?.last == ":" && end.count > 4
    let own = words[2...].prefix(words.count - 2 - (isTime ? end.count : 0))
    (command, inside) = own.isEmpty ? (nil, nil) : Self.unwrapped(own)
  }

  private static func host(_ word: Substring) -> String? {
    guard let sign = word.firstIndex(of: "@"), sign != word.startIndex else { return nil }
    let host = word[word.index(after: sign)...].prefix {
      $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_"
    }
    return host.isEmpty ? nil : String(host)
  }

  private static func plain(_ words: ArraySlice<Substring>) -> [Substring] { unwrapped(words).command }

  /// Without `sudo` and the folder of the program, and without what runs it elsewhere: `ip netns exec be1`, `ip -n be1`, `docker exec
  /// be1`, `kubectl exec be1 --`, `ssh be1`.
  private static func unwrapped(_ whole: ArraySlice<Substring>) -> (command: [Substring], inside: String?) {
    var words = whole
    var inside: String?
    func isOption(_ word: Substring?) -> Bool { word?.hasPrefix("-") ?? false }
    for _ in 0..<4 {
      let second = words.dropFirst().first
      let rest = words.dropFirst(2)
      switch words.first {
      case "sudo": words = words.dropFirst()
      case "ip" where second == "netns" && rest.first == "exec" && rest.count > 2:
        inside = rest.dropFirst().first.map(String.init)
        words = rest.dropFirst(2)
      case "ip" where ["-n", "-netns"].contains(second) && rest.count > 1:
        inside = rest.first.map(String.init)
        words = [words[words.startIndex]] + rest.dropFirst()
      case "docker", "podman", "nerdctl":
        let named = rest.drop(while: isOption)
        guard second == "exec", named.count > 1 else { return (Array(words), inside) }
        inside = named.first.map(String.init)
        words = named.dropFirst()
      case "kubectl", "oc":
        guard let end = words.firstIndex(of: "--"), end + 1 < words.endIndex, words[..<end].contains("exec") else {
          return (Array(words), inside)
        }
        let options: Set<Substring> = ["-n", "--namespace", "-c", "--container"]
        let name = words[..<end].indices.dropFirst().first {
          words[$0] != "exec" && !isOption(words[$0]) && !options.contains(words[$0 - 1])
        }
        inside = name.map { String(words[$0]) }
        words = words[(end + 1)...]
      case "ssh" where rest.count > 0 && !isOption(second):
        inside = second.flatMap { $0.split(separator: "@").last.map(String.init) }
        words = rest
      default:
        var command = Array(words)
        if let first = command.first, let slash = first.lastIndex(of: "/") {
          command[0] = first[first.index(after: slash)...]
        }
        return (command, inside)
      }
    }
    return (Array(words), inside)
  }

  private static let programs: Set<Substring> = [
    "ipvsadm", "ifconfig", "netsh", "iptables", "iptables-save", "ip6tables", "ip6tables-save", "arptables",
    "arptables-save", "ebtables", "ebtables-save", "hostname", "dpip", "kubectl",
  ]

  /// Words that begin a command, and begin neither a rule of nftables nor anything else that is read.
  private static func isCommand(_ whole: ArraySlice<Substring>) -> Bool {
    // Whatever it runs in a container.
    if whole.first == "kubectl", let second = whole.dropFirst().first { return !second.hasPrefix(":") }
    let words = plain(whole)
    guard let first = words.first else { return false }
    let second = words.dropFirst().first ?? ""
    if programs.contains(first) { return !second.hasPrefix(":") }
    switch first {
    case "ip":
      let objects = ["address", "link", "neighbor", "neighbour", "route", "rule"]
      return second.hasPrefix("-") || !second.isEmpty && objects.contains { $0.hasPrefix(second) }
    case "arp", "sysctl", "route": return second.isEmpty || second.hasPrefix("-")
    case "cat": return second.hasPrefix("/")
    case "grep": return words.contains { $0.hasPrefix("/proc/sys/") }
    case "netstat": return second.hasPrefix("-") && second.contains("r")
    case "nft": return second.hasPrefix("-") || second == "list"
    default: return false
    }
  }
}
