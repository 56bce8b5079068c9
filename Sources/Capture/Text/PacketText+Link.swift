import Wire

/// What stands in front of the network header: two MACs, a cooked interface and one MAC, or nothing but a protocol's name.
struct PrintedLink {
  enum Kind { case ethernet, cooked, bare }
  var kind: Kind
  var source: MACAddress?
  var destination: MACAddress?
  /// Of all of the frame.
  var length: Int?
  var tags: [UInt16] = []
  var etherType: UInt16

  init(kind: Kind, source: MACAddress?, destination: MACAddress?, etherType: UInt16) {
    (self.kind, self.source, self.destination, self.etherType) = (kind, source, destination, etherType)
  }

  /// `06:… > 06:…, ethertype IPv4 (0x0800), length 66: `, tags behind it, `ifname In ifindex 3 06:… ethertype …`, `In …`,
  /// `IP `, `IP6 ` and `ARP, `. Passes it; `nil` where what comes next is no packet.
  init?(_ scanner: inout TextScanner) {
    var look = scanner
    look.skipProcess()
    look.skipDirectionOfMAC()
    if let source = look.mac() {
      look.skipVendor()
      look.skipBlanks()
      guard look.take("> "), let destination = look.printedMAC() else { return nil }
      (kind, self.source, self.destination, etherType) = (.ethernet, source, destination, 0)
      guard look.take(","), readTypes(&look) else { return nil }
    } else if look.take("IP6 ") {
      (kind, etherType) = (.bare, 0x86dd)
    } else if look.take("IP ") {
      (kind, etherType) = (.bare, 0x0800)
    } else if look.takeARP() {
      (kind, etherType) = (.bare, 0x0806)
    } else if look.take("ip: ") {
      (kind, etherType) = (.bare, 0)
    } else if look.take("AF ") {
      // Of a loopback device of BSD or macOS: `AF IPv4 (2), length 56: `.
      (kind, etherType) = (.bare, look.begins(with: "IPv6 ") ? 0x86dd : 0x0800)
      guard look.take("IPv4 (") || look.take("IPv6 ("), look.skip(behind: "), length ", within: 20),
        look.number() != nil,
        look.take(":")
      else { return nil }
    } else {
      guard let source = look.takeCookedStart() else { return nil }
      (kind, self.source, etherType) = (.cooked, source.mac, 0)
      if look.take("IP6 ") {
        etherType = 0x86dd
      } else if look.take("IP ") {
        etherType = 0x0800
      } else if look.takeARP() {
        etherType = 0x0806
      } else if !readTypes(&look) {
        return nil
      }
      // Without -e a cooked line has no MAC at all.
      if self.source == nil { kind = .bare }
    }
    scanner = look
  }

  /// `ethertype 802.1Q (0x8100), length 70: vlan 10, p 0, ethertype IPv4 (0x0800), `.
  private mutating func readTypes(_ scanner: inout TextScanner) -> Bool {
    while true {
      if scanner.take("vlan ") {
        guard let tag = scanner.number(), tag < 4096 else { return false }
        tags.append(UInt16(tag))
        guard tags.count < 16, scanner.take(","), scanner.take("p ") || scanner.begins(with: "ethertype") else {
          return false
        }
        if !scanner.begins(with: "ethertype") {
          _ = scanner.number()
          _ = scanner.take(",") || scanner.take("DEI,")
          if scanner.take("DEI") { _ = scanner.take(",") }
        }
      }
      // -q prints the name alone.
      _ = scanner.take("ethertype ")
      guard let type = scanner.etherType() else { return false }
      _ = scanner.take(",")
      if scanner.take("length ") {
        guard let length = scanner.number(), length < 1 << 24, scanner.take(":") else { return false }
        self.length = Int(length)
      }
      etherType = type
      guard type == 0x8100 || type == 0x88a8 || type == 0x9100, scanner.begins(with: "vlan ") else { return true }
    }
  }

  /// The link header of a transcript; `nil` for a network header that nobody knows.
  func header() -> [UInt8] {
    var bytes: [UInt8] = []
    switch kind {
    case .ethernet:
      bytes += destination?.octets ?? []
      bytes += source?.octets ?? []
    case .cooked:
      bytes += [0, 0, 0, 1, 0, 6] + (source?.octets ?? []) + [0, 0]
    case .bare: break
    }
    for tag in tags {
      bytes.add(UInt16(0x8100))
      bytes.add(tag)
    }
    bytes.add(etherType)
    return bytes
  }
}

extension TextScanner {
  /// A MAC, or the word that tcpdump prints for a few.
  fileprivate mutating func printedMAC() -> MACAddress? {
    if begins(with: "Broadcast") {
      _ = take("Broadcast")
      return .broadcast
    }
    guard let mac = mac() else { return nil }
    skipVendor()
    return mac
  }

  /// An ARP message comes next, as tcpdump prints it, or did before 4.0.
  fileprivate mutating func takeARP() -> Bool {
    take("ARP, ") || begins(with: "arp who-has ") || begins(with: "arp reply ")
  }

  /// What macOS prints of the process and the interface with -k: `(en0, proc curl:1234, svc BE, out, so) `.
  fileprivate mutating func skipProcess() {
    guard begins(with: "(") else { return }
    var look = self
    guard let words = look.take(until: ") "), words.count < 160, words.contains(0x2c) else { return }
    self = look
  }

  /// Junos puts the direction before two MACs: `Out 06:… > 06:…, ethertype`.
  fileprivate mutating func skipDirectionOfMAC() {
    var look = self
    guard look.takeDirection(), look.mac() != nil, look.begins(with: " > ") else { return }
    _ = takeDirection()
  }

  /// Without -n the vendor stands behind a MAC: ` (oui Unknown)`.
  fileprivate mutating func skipVendor() {
    if begins(with: " (oui ") { _ = skip(behind: ")", within: 80) }
  }

  /// `IPv4 (0x0800)`; behind a tag a name alone, from tcpdump 4.9 and of cooked captures.
  fileprivate mutating func etherType() -> UInt16? {
    var look = self
    while !look.isAtEnd, !look.begins(with: "("), !look.begins(with: ",") { look.advance() }
    if look.take("(0x") {
      guard let type = Self.hexadecimal(look.word(before: ")")).flatMap({ UInt16(exactly: $0) }), look.take(")") else {
        return nil
      }
      self = look
      return type
    }
    for (name, type) in Self.etherTypes {
      look = self
      if look.take(name), look.begins(with: ",") {
        self = look
        return type
      }
    }
    return nil
  }

  private static let etherTypes: [(StaticString, UInt16)] = [
    ("IPv4", 0x0800), ("IPv6", 0x86dd), ("ARP", 0x0806), ("802.1Q", 0x8100), ("802.1Q-QinQ", 0x88a8),
    ("MPLS unicast", 0x8847), ("MPLS multicast", 0x8848), ("PPPoE S", 0x8864),
  ]

  /// `eth0  In  ifindex 3 06:… `, ` In 06:… `, `eth0  In  `.
  fileprivate mutating func takeCookedStart() -> (mac: MACAddress?, Void)? {
    var look = self
    if !look.takeDirection() {
      let name = look.word()
      guard !name.isEmpty, name.count < 32 else { return nil }
      look.skipBlanks()
      guard look.takeDirection() else { return nil }
    }
    if look.take("ifindex ") {
      guard look.number() != nil else { return nil }
      look.skipBlanks()
    }
    let mac = look.mac()
    look.skipBlanks()
    self = look
    return (mac, ())
  }

  fileprivate mutating func takeDirection() -> Bool {
    take("In ") || take("Out ") || take("B ") || take("M ") || take("P ")
  }
}
