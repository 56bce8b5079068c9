import Wire

/// A frame by its fields. What is in what is told by `frame.protocols`; a field that stands in several layers has a value for
/// each, the outermost first.
struct FieldRow {
  private var values: [PrintedField: [ArraySlice<UInt8>]]
  var protocols: [String]
  /// The layer that comes next.
  var place = 0
  /// What the headers tell of the innermost packet's numbers.
  var mark: Transcript.Mark = []
  /// What TCP's numbers are, where there are some.
  var numbers: Transcript.Mark = .numbers
  /// Tunnels in tunnels: no deeper.
  private var depth = 0

  init(_ values: [PrintedField: [ArraySlice<UInt8>]]) {
    self.values = values
    protocols =
      values[.protocols]?.first?.split(separator: UInt8(ascii: ":")).map { String(decoding: $0, as: UTF8.self) } ?? []
  }

  /// Of the whole frame.
  var wireLength: Int? {
    guard let value = values[.frameLength]?.first, let number = Self.number(value) else { return nil }
    return number < 1 << 24 ? Int(number) : nil
  }

  var time: PrintedTime? {
    guard let value = values[.time]?.first else { return nil }
    var scanner = TextScanner(value)
    guard case .epoch(let seconds, let nanoseconds)? = PrintedTime(&scanner) else { return nil }
    return .epoch(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// The link header; `nil` for one that is not read.
  mutating func link() -> PrintedLink? {
    guard isWhole else { return nil }
    switch protocols.first {
    case "eth":
      guard let source = mac(.source), let destination = mac(.destination) else { return nil }
      var link = PrintedLink(source: source, destination: destination)
      place = 1
      guard passTags(&link) else { return nil }
      return link
    case "sll":
      place = 1
      return PrintedLink(cookedSource: mac(.cookedSource))
    case "raw", "null":
      place = 1
      return PrintedLink(cookedSource: nil)
    case "ip", "ipv6": return PrintedLink(cookedSource: nil)
    default: return nil
    }
  }

  /// What stands behind the link header, whose EtherType it tells; `nil` where nothing in it can be read.
  mutating func network(_ etherType: inout UInt16) -> BuiltLayer? {
    skipTypes()
    switch next {
    case "ip":
      etherType = 0x0800
      return deeper { $0.internet4() }
    case "ipv6":
      etherType = 0x86dd
      return deeper { $0.internet6() }
    case "arp":
      etherType = 0x0806
      return addressResolution()
    default:
      // Spanning tree and others: counted, as of a capture.
      etherType = 0x88b5
      return holdsMore ? nil : BuiltLayer()
    }
  }

  /// Each layer has addresses of its own: `-E occurrence=f` leaves out all but the first.
  private var isWhole: Bool {
    Self.layered.allSatisfy { name, field in (values[field] ?? []).count == protocols.count { $0 == name } }
  }

  /// A field of which one value was printed where several layers have one.
  var fieldOfOneLayer: PrintedField? {
    Self.layered.first { name, field in values[field]?.count == 1 && protocols.count { $0 == name } > 1 }?.field
  }

  private static let layered: [(name: String, field: PrintedField)] = [
    ("eth", .source), ("eth", .destination), ("ip", .source4), ("ip", .destination4), ("ipv6", .source6),
    ("ipv6", .destination6),
  ]

  // MARK: Layers

  var next: String? { place < protocols.count ? protocols[place] : nil }

  mutating func take(_ name: String) -> Bool {
    guard next == name else { return false }
    place += 1
    return true
  }

  mutating func skipTypes() { while next == "ethertype" { place += 1 } }

  /// Something that would be judged stands further inside, in a layer that is not read.
  var holdsMore: Bool {
    protocols[min(place, protocols.count)...].contains { ["eth", "ip", "ipv6", "arp", "tcp", "udp"].contains($0) }
  }

  mutating func deeper<Result>(_ body: (inout FieldRow) -> Result?) -> Result? {
    guard depth < 8 else { return nil }
    depth += 1
    defer { depth -= 1 }
    return body(&self)
  }

  /// A frame inside a tunnel.
  mutating func innerFrame() -> BuiltLayer? {
    guard take("eth"), let source = mac(.source), let destination = mac(.destination) else { return nil }
    var link = PrintedLink(source: source, destination: destination)
    guard passTags(&link), let payload = deeper({ $0.network(&link.etherType) }) else { return nil }
    return payload.behind(link.header())
  }

  private mutating func passTags(_ link: inout PrintedLink) -> Bool {
    skipTypes()
    while next == "vlan" || next == "ieee8021ad" {
      guard let tag: UInt16 = number(next == "vlan" ? .tag : .outerTag), tag < 4096, link.tags.count < 16 else {
        return false
      }
      link.tags.append(tag)
      place += 1
      skipTypes()
    }
    return true
  }

  // MARK: Values

  /// The next value of a field.
  mutating func value(_ field: PrintedField) -> ArraySlice<UInt8>? {
    guard let first = values[field]?.first else { return nil }
    values[field]?.removeFirst()
    return first
  }

  func holds(_ field: PrintedField) -> Bool { !(values[field] ?? []).isEmpty }

  mutating func number<Number: FixedWidthInteger>(_ field: PrintedField) -> Number? {
    guard let value = value(field) else { return nil }
    return Self.number(value).flatMap { Number(exactly: $0) }
  }

  /// `0x0012`, `18`, `True`.
  private static func number(_ value: ArraySlice<UInt8>) -> UInt64? {
    if value.starts(with: [0x30, 0x78]) { return TextScanner.hexadecimal(value) }
    var scanner = TextScanner(value)
    if scanner.take("True") { return 1 }
    if scanner.take("False") { return 0 }
    guard let number = scanner.number(), scanner.isAtEnd else { return nil }
    return number
  }

  mutating func mac(_ field: PrintedField) -> MACAddress? { value(field).flatMap { MACAddress(text: $0) } }

  mutating func address(_ field: PrintedField, _ version: IPAddress.Version) -> IPAddress? {
    guard let value = value(field), value.count < 64, let address = IPAddress(String(decoding: value, as: UTF8.self)),
      address.version == version
    else { return nil }
    return address
  }
}

extension PrintedLink {
  /// Of Ethernet.
  fileprivate init(source: MACAddress, destination: MACAddress) {
    self.init(kind: .ethernet, source: source, destination: destination, etherType: 0)
  }

  /// Of a cooked capture, where its sender is told.
  fileprivate init(cookedSource: MACAddress?) {
    self.init(kind: cookedSource == nil ? .bare : .cooked, source: cookedSource, destination: nil, etherType: 0)
  }
}
