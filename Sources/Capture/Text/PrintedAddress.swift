import Wire

/// An address as tcpdump prints it, with a port behind a dot where there is one.
struct PrintedAddress {
  var address: IPAddress
  var port: UInt16?

  /// `nil` for a name: a host's cannot be read.
  init?(_ text: ArraySlice<UInt8>) {
    guard !text.isEmpty, text.count < 80 else { return nil }
    let dots = text.indices.filter { text[$0] == 0x2e }
    let isV6 = text.contains(0x3a)
    guard isV6 ? dots.count == 1 || dots.count == 4 : dots.count == 4, let last = dots.last else {
      guard let address = IPAddress(String(decoding: text, as: UTF8.self)) else { return nil }
      (self.address, port) = (address, nil)
      return
    }
    guard let address = IPAddress(String(decoding: text[..<last], as: UTF8.self)),
      let port = ServiceName.port(text[(last + 1)...])
    else { return nil }
    (self.address, self.port) = (address, port)
  }
}

/// Names that tcpdump gives to ports without -n: few, and the same on every system.
enum ServiceName {
  private static let ports: [String: UInt16] = [
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
    "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "imap2": 143, "snmp": 161, "bgp": 179, "ldap": 389,
    "https": 443, "microsoft-ds": 445, "syslog": 514, "ldaps": 636, "imaps": 993, "pop3s": 995, "ms-sql-s": 1433,
    "mysql": 3306, "ms-wbt-server": 3389, "sip": 5060, "postgresql": 5432, "http-alt": 8080, "webcache": 8080,
  ]

  static func port(_ text: ArraySlice<UInt8>) -> UInt16? {
    if let first = text.first, 0x30...0x39 ~= first {
      var scanner = TextScanner(text)
      guard let number = scanner.number(), scanner.isAtEnd else { return nil }
      return UInt16(exactly: number)
    }
    return ports[String(decoding: text, as: UTF8.self)]
  }
}
