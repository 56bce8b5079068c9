/// The name of a file that a capture was rotated into: one stem, with what numbers its files.
struct RingName: Hashable {
  enum Style: Hashable {
    /// `lb.pcap`, `lb.pcap1` and so on, of `tcpdump -C`; with a counter and a time, of `dumpcap -b` and `editcap`: nobody
    /// names captures of several places so.
    case program
    /// A counter of three digits or more, or a time, in any other way.
    case numbered
  }

  /// What all files of a ring have in common.
  private let stem: String
  let style: Style

  /// `nil` for a name without a number of this kind.
  init?(path: String) {
    var name = path[...]
    for ending in [".gz", ".zst"] where name.hasSuffix(ending) { name = name.dropLast(ending.count) }
    if let stem = Self.rotated(name) {
      (self.stem, style) = (stem, .program)
      return
    }
    // A folder is part of the stem.
    let start = name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex
    let tokens = Self.tokens(name[start...])
    let lengths = tokens.indices.filter { tokens[$0].first?.isASCIIDigit ?? false }.map { tokens[$0].count }
    let isSetApart = tokens.indices.allSatisfy { index in
      guard tokens[index].first?.isASCIIDigit ?? false, index > 0 else { return true }
      return !(tokens[index - 1].last?.isLetter ?? false)
    }
    let isProgram = lengths.contains(5) && lengths.contains(14)
    guard isProgram || isSetApart && (lengths.contains { $0 >= 3 } || lengths.filter { $0 == 2 }.count >= 3) else {
      return nil
    }
    // Digits that are no counter, as in `lb1_00001`, tell places apart.
    let pattern = tokens.enumerated().map { index, token in
      guard token.first?.isASCIIDigit ?? false else { return String(token) }
      let isSetApart = index == 0 || !(tokens[index - 1].last?.isLetter ?? false)
      return isSetApart && token.count >= 2 ? String(repeating: "#", count: token.count) : String(token)
    }
    (stem, style) = (name[..<start] + pattern.joined(), isProgram ? .program : .numbered)
  }

  /// The stem of what `tcpdump -C` and `-W` write: a number behind the ending, from the second file on.
  private static func rotated(_ name: Substring) -> String? {
    let digits = name.reversed().prefix(while: \.isASCIIDigit).count
    let stem = name.dropLast(digits)
    guard [".pcap", ".cap", ".pcapng", ".dmp"].contains(where: stem.hasSuffix) else { return nil }
    // Without a number it is the first file, or no ring at all: then its own digits count.
    guard digits > 0 || !stem.contains(where: \.isASCIIDigit) else { return nil }
    return String(stem)
  }

  /// Stretches of digits, and what stands between.
  private static func tokens(_ name: Substring) -> [Substring] {
    var tokens: [Substring] = []
    var rest = name
    while let first = rest.first {
      let token = rest.prefix { $0.isASCIIDigit == first.isASCIIDigit }
      tokens.append(token)
      rest = rest[token.endIndex...]
    }
    return tokens
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
