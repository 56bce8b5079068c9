public import Wire

extension HostTables {
  /// `sysctl -a`: `net.ipv4.conf.all.arp_ignore = 1`. Of the many settings those of networks are kept.
  mutating func readSettings(_ text: String, _ path: String) throws(TableError) {
    for line in PastedText(text).parts.flatMap(\.lines) {
      // What it could not read, and what people add.
      if line.text.hasPrefix("sysctl:") || line.text.hasPrefix("#") || line.text.hasPrefix(";") { continue }
      guard let sign = line.text.firstIndex(of: "=") else { throw line.fault("a setting, as net.ipv4.ip_forward = 0") }
      let key = line.text[..<sign].split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      guard Self.isUsed(key) else { continue }
      let value = line.text[line.text.index(after: sign)...].split(whereSeparator: \.isWhitespace).first ?? ""
      guard let number = Int(value) else { throw line.fault("a number", value) }
      settings[key] = Setting(value: number, line: TableLine(path: path, number: line.number))
    }
  }

  private static func isUsed(_ key: String) -> Bool {
    if key == "net.ipv4.ip_forward" || trackingSettings.contains(key) { return true }
    guard key.hasPrefix("net.ipv4.conf.") || key.hasPrefix("net.ipv6.conf.") else { return false }
    return keptSettings.contains { key.hasSuffix(".\($0)") }
  }

  /// What the checks ask for, and what `dsrproof collect` gathers of each interface.
  public static let keptSettings = [
    "arp_ignore", "arp_announce", "arp_filter", "rp_filter", "accept_local", "forwarding", "src_valid_mark",
  ]

  /// How connection tracking takes what it saw no beginning, or one half, of.
  public static let trackingSettings = [
    "net.netfilter.nf_conntrack_tcp_loose", "net.netfilter.nf_conntrack_tcp_be_liberal",
  ]

  /// An interface's setting of IPv4.
  public func setting(_ name: String, of interface: String) -> Setting? {
    // sysctl(8) writes a dot in an interface's name as a slash; other tools leave it.
    settings["net.ipv4.conf.\(interface.replacing(".", with: "/")).\(name)"]
      ?? settings["net.ipv4.conf.\(interface).\(name)"]
  }

  /// What holds on an interface: the larger one of `all` and its own. `nil` where one of them is missing.
  ///
  /// Source: linux `include/linux/inetdevice.h`, `IN_DEV_MAXCONF`; `Documentation/networking/ip-sysctl.rst`.
  public func effective(_ name: String, on interface: String) -> (value: Int, lines: [(TableLine, Int)])? {
    guard let all = setting(name, of: "all"), let own = setting(name, of: interface) else { return nil }
    return (max(all.value, own.value), [(all.line, all.value), (own.line, own.value)])
  }

  /// Whether it passes on packets that are not for itself; `nil` where the settings do not tell.
  public func forwards(_ version: IPAddress.Version) -> Bool? {
    switch version {
    case .v4: (settings["net.ipv4.ip_forward"] ?? settings["net.ipv4.conf.all.forwarding"]).map { $0.value != 0 }
    case .v6: settings["net.ipv6.conf.all.forwarding"].map { $0.value != 0 }
    }
  }
}
