import Wire

/// A packet's details, as `tshark -V` prints them and Wireshark exports them as plain text: a tree with a line for each layer and
/// each of its fields. `FieldRow` makes a frame of them.
///
/// What a packet carries is printed below a layer that nothing is read of, and stands further in than any layer's line. Which
/// layers there are is told twice, by `frame.protocols` and by their lines; where the two differ nothing is read.
///
/// Wireshark exports closed trees too: a line for each layer, of which addresses and ports are read, and TCP's flags from the line
/// of the packet list. That is as much as tshark's own lines tell.
struct DetailTree {
  /// Its line of the packet list.
  private let summary: DetailSummary?
  private var values: [PrintedField: [ArraySlice<UInt8>]] = [:]
  private var layers: [DetailLayer] = []
  /// All of them, as they would be named in `frame.protocols`.
  private var names: [String] = []
  private var isInFrame = true
  /// That of the lines which come next, its indentation, and which of its fields were read.
  private var layer: DetailLayer?
  private var indentation = 0
  private var told: Set<PrintedField> = []
  /// No line of a layer stands further in.
  private var deepest = 0
  /// TCP's numbers as its line has them, from where the connection begins unless tshark was told otherwise.
  private var shownSequence, shownAcknowledgment: UInt32?
  /// A closed tree among open ones, or a layer that was cut.
  private var isPart = false

  /// What prints all that is read.
  static let command = "tshark -n -V -r FILE"

  /// Of the frame.
  var length: Int {
    values[.frameLength]?.first.flatMap { Int(String(decoding: $0.prefix(7), as: UTF8.self)) } ?? 0
  }

  /// The frame's own link, of a packet that is not read: it counts as cut behind that.
  var link: PrintedLink {
    var link = PrintedLink(kind: .bare, source: nil, destination: nil, etherType: 0x0800)
    let frames = layers.count { $0 == .eth }
    if layers.first == .eth, let sources = values[.source], sources.count == frames, let source = sources.first,
      let destinations = values[.destination], destinations.count == frames, let destination = destinations.first
    {
      link = PrintedLink(
        kind: .ethernet, source: MACAddress(text: source), destination: MACAddress(text: destination),
        etherType: 0x0800)
    }
    return link
  }

  /// VRRP lists at most so many addresses.
  private static let mostValues = 255
  private static let mostLayers = 64

  /// `Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)`; `Frame 1: Packet, 74 bytes on wire` and `Frame 1 (74
  /// bytes on wire, …` in other versions.
  init?(_ line: ArraySlice<UInt8>, behind summary: DetailSummary? = nil) {
    var scanner = TextScanner(line)
    guard line.count < 1 << 12, scanner.take("Frame "), let number = scanner.number(),
      scanner.take(":") || scanner.begins(with: " (")
    else { return nil }
    scanner.skipBlanks()
    _ = scanner.take("(") || scanner.take("Packet, ")
    let start = scanner.position
    guard scanner.number() != nil else { return nil }
    let length = line[start..<scanner.position]
    scanner.skipBlanks()
    guard scanner.begins(with: "bytes on wire") || scanner.begins(with: "byte on wire") else { return nil }
    self.summary = summary.flatMap { $0.number == number ? $0 : nil }
    values[.frameLength] = [Array(length)[...]]
  }

  // MARK: Lines

  mutating func take(_ line: ArraySlice<UInt8>) {
    let text = line.drop { $0 == 0x20 }
    let indentation = line.count - text.count
    guard !text.isEmpty, line.count < 1 << 16 else { return }
    if indentation <= deepest, indentation % DetailLayer.step == 0, begin(text, at: indentation) { return }
    guard indentation > self.indentation else {
      // Something of which nothing is read.
      close()
      (layer, isInFrame, self.indentation) = (nil, false, indentation)
      deepest = min(deepest, indentation)
      if indentation == 0, names.count < Self.mostLayers { names.append("data") }
      return
    }
    if isInFrame {
      frameField(text)
    } else if let layer {
      field(text, of: layer, indentation: indentation - self.indentation)
    }
  }

  private mutating func begin(_ text: ArraySlice<UInt8>, at indentation: Int) -> Bool {
    guard let layer = DetailLayer(heading: text) else { return false }
    close()
    (self.layer, self.indentation, isInFrame) = (layer, indentation, false)
    told = []
    deepest = layer.quotes ? indentation + DetailLayer.step : indentation
    guard layers.count < Self.mostLayers else {
      isPart = true
      return true
    }
    layers.append(layer)
    names.append(layer.rawValue)
    heading(text, of: layer)
    return true
  }

  private mutating func close() {
    guard let layer else { return }
    if !layer.needed.allSatisfy(told.contains) { isPart = true }
  }

  private mutating func frameField(_ text: ArraySlice<UInt8>) {
    var scanner = TextScanner(text)
    if scanner.take("Epoch Time: ") || scanner.take("Epoch Arrival Time: ") {
      add(scanner.word(), to: .time)
    } else if scanner.take("[Protocols in frame: ") {
      add(scanner.word(before: "]"), to: .protocols)
    }
  }

  /// What the line of a layer itself tells: `…, Src: …, Dst: …`, `…, ID: 20`, `…, Src Port: 80, Dst Port: 40001, …, Len: 0`.
  private mutating func heading(_ text: ArraySlice<UInt8>, of layer: DetailLayer) {
    let ends: [PrintedField]
    switch layer {
    case .eth: ends = [.source, .destination]
    case .ip: ends = [.source4, .destination4]
    case .ipv6: ends = [.source6, .destination6]
    case .tcp: ends = [.sourcePort, .destinationPort]
    case .udp: ends = [.datagramSource, .datagramDestination]
    case .vlan, .ieee8021ad:
      tell(layer == .vlan ? .tag : .outerTag, behind: ", ID: ", in: text)
      return
    default: return
    }
    var scanner = TextScanner(text)
    guard scanner.skip(behind: ", Src: ") || scanner.skip(behind: ", Src Port: "),
      let source = scanner.take(until: ", Dst"), scanner.take(":") || scanner.take("Port:")
    else { return }
    let destination = scanner.take(until: ",") ?? scanner.rest
    for (end, value) in zip(ends, [source, destination]) {
      if let value = Self.value(value, of: end) { tell(end, value) }
    }
    guard layer == .tcp else { return }
    tell(.segmentLength, behind: "Len: ", in: scanner.rest)
    shownSequence = Self.number(behind: "Seq: ", in: scanner.rest)
    shownAcknowledgment = Self.number(behind: "Ack: ", in: scanner.rest)
  }

  private static func number(behind words: StaticString, in text: ArraySlice<UInt8>) -> UInt32? {
    var scanner = TextScanner(text)
    return scanner.skip(behind: words) ? scanner.number().flatMap { UInt32(exactly: $0) } : nil
  }

  private mutating func tell(_ field: PrintedField, behind words: StaticString, in text: ArraySlice<UInt8>) {
    var scanner = TextScanner(text)
    guard scanner.skip(behind: words), let value = Self.value(scanner.rest, of: field) else { return }
    tell(field, value)
  }

  private mutating func field(_ text: ArraySlice<UInt8>, of layer: DetailLayer, indentation: Int) {
    let text = Self.withoutBits(text)
    var scanner = TextScanner(text)
    guard let name = scanner.take(until: ":"), name.count < 40 else { return }
    var words = String(decoding: name, as: UTF8.self).lowercased()
    if layer == .ip, words == "flags", indentation == DetailLayer.step {
      // The bits themselves stand below, where they were open.
      words = String(decoding: scanner.rest.prefix(80), as: UTF8.self).lowercased()
      tell(.moreFragments, words.contains("more fragments") ? [0x31] : [0x30])
      return
    }
    guard var field = layer.field(words, indentation: indentation) else { return }
    let isRaw = words.hasSuffix("(raw)")
    // It counts from where the connection begins, unless it says nothing else.
    if (field == .sequence || field == .acknowledgment) && !isRaw && TextScanner(scanner.rest).contains("(relative") {
      return
    }
    if field == .advertised, values[.messageType6]?.last.map({ Array($0) == Self.solicitation }) ?? false {
      field = .solicited
    }
    guard let value = Self.value(scanner.rest, of: field) else { return }
    tell(field, value)
    // Version 3 has it in other units.
    if field == .interval { tell(.shortInterval, value) }
  }

  private static let solicitation = Array("135".utf8)

  private mutating func tell(_ field: PrintedField, _ value: ArraySlice<UInt8>) {
    let isList = field == .virtual4 || field == .virtual6
    guard isList || told.insert(field).inserted else {
      // The bit itself counts before the words for it.
      if field == .moreFragments, value.elementsEqual([0x31]), let last = values[field]?.indices.last {
        values[field]?[last] = value
      }
      return
    }
    add(value, to: field)
  }

  private mutating func add(_ value: ArraySlice<UInt8>, to field: PrintedField) {
    guard (values[field]?.count ?? 0) < Self.mostValues else { return }
    // Of its own, so that the text it stands in may go.
    values[field, default: []].append(Array(value)[...])
  }

  // MARK: Values

  /// `.... 0000 0001 0100 = ID: 20` without the bits.
  private static func withoutBits(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let bits = text.prefix { $0 == 0x2e || $0 == 0x20 || $0 == 0x30 || $0 == 0x31 }
    let rest = text[bits.endIndex...]
    return bits.isEmpty || !rest.starts(with: [0x3d, 0x20]) ? text : rest.dropFirst(2)
  }

  /// As `-T fields` prints it: without a name in front of it, or words behind it.
  private static func value(_ text: ArraySlice<UInt8>, of field: PrintedField) -> ArraySlice<UInt8>? {
    let isOne: (ArraySlice<UInt8>) -> Bool
    switch field {
    case .source, .destination, .cookedSource, .senderMAC, .targetMAC, .linkLayerAddress:
      isOne = { MACAddress(text: $0) != nil }
    case .source4, .destination4, .source6, .destination6, .sender, .target, .gateway, .solicited, .advertised,
      .virtual4,
      .virtual6:
      isOne = { $0.count < 64 && IPAddress(String(decoding: $0, as: UTF8.self)) != nil }
    case .moreFragments, .overrides:
      return text.starts(with: "Set".utf8) ? [0x31] : text.starts(with: "Not set".utf8) ? [0x30] : nil
    default: isOne = { isNumber($0) }
    }
    var scanner = TextScanner(text)
    let first = scanner.word(before: "]")
    if isOne(first) { return first }
    guard let open = text.lastIndex(of: 0x28), let close = text[open...].firstIndex(of: 0x29) else { return nil }
    let inner = text[(open + 1)..<close]
    return isOne(inner) ? inner : nil
  }

  private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
    if word.starts(with: [0x30, 0x78]) { return TextScanner.hexadecimal(word) != nil }
    return !word.isEmpty && word.count < 19 && word.allSatisfy { 0x30...0x39 ~= $0 }
  }

  // MARK: The whole of it

  /// All trees are closed: the frame's own does not say which layers there are.
  var isClosed: Bool { values[.protocols] == nil }

  /// The packet's fields; `nil` where they are not all there.
  mutating func row(_ numbers: ColumnNumbers) -> FieldRow? {
    close()
    layer = nil
    guard let protocols = values[.protocols]?.first else { return closedRow(numbers) }
    let listed = protocols.split(separator: UInt8(ascii: ":")).compactMap {
      DetailLayer(rawValue: String(decoding: $0, as: UTF8.self))
    }
    guard !isPart, listed == layers else { return nil }
    return FieldRow(values)
  }

  /// What the lines of the layers tell, and the packet list.
  private func closedRow(_ numbers: ColumnNumbers) -> FieldRow? {
    // What an error is about, and what a neighbour says, no closed tree tells.
    guard !layers.contains(where: \.quotes) else { return nil }
    var told = values.filter { Self.inHeadings.contains($0.key) }
    told[.protocols] = [Array(names.joined(separator: ":").utf8)[...]]
    var mark: Transcript.Mark = []
    switch summary?.content {
    case .segment(let ports, let flags, let isReused)?
    where layers.count(where: { $0 == .tcp }) == 1 && isNumber(ports.source, of: .sourcePort)
      && isNumber(ports.destination, of: .destinationPort):
      told[.flags] = [Self.text(flags.rawValue)]
      // Of a tunnel's packets several layers have addresses.
      guard let ends else { break }
      if numbers.mayBelongElsewhere(flags, ends, ports) { return nil }
      guard
        let counted = numbers.told(
          flags, sequence: shownSequence, acknowledgment: shownAcknowledgment, isReused: isReused, ends, ports)
      else { break }
      (told[.sequence], told[.acknowledgment]) = ([Self.text(counted.sequence)], [Self.text(counted.acknowledgment)])
      mark = counted.mark
    case .addresses(let operation, let mac, let sender, let target)? where layers.last == .arp:
      told[.operation] = [Self.text(operation)]
      told[.senderMAC] = mac.map { [Self.text($0)] }
      (told[.sender], told[.target]) = ([Self.text(sender)], [Self.text(target)])
    default: break
    }
    var row = FieldRow(told)
    row.numbers = mark
    return row
  }

  /// Of the only layer that has some.
  private var ends: (source: IPAddress, destination: IPAddress)? {
    let address = { (field: PrintedField) in
      self.values[field].flatMap { $0.count == 1 ? IPAddress(String(decoding: $0[0], as: UTF8.self)) : nil }
    }
    switch layers.filter({ $0 == .ip || $0 == .ipv6 }) {
    case [.ip]:
      guard let source = address(.source4), let destination = address(.destination4) else { return nil }
      return (source, destination)
    case [.ipv6]:
      guard let source = address(.source6), let destination = address(.destination6) else { return nil }
      return (source, destination)
    default: return nil
    }
  }

  private static func text(_ value: some CustomStringConvertible) -> ArraySlice<UInt8> {
    Array(value.description.utf8)[...]
  }

  private func isNumber(_ number: UInt16, of field: PrintedField) -> Bool {
    values[field]?.first.map { $0.elementsEqual("\(number)".utf8) } ?? false
  }

  private static let inHeadings: Set<PrintedField> = [
    .frameLength, .source, .destination, .tag, .outerTag, .source4, .destination4, .source6, .destination6, .sourcePort,
    .destinationPort, .segmentLength, .datagramSource, .datagramDestination,
  ]
}

/// What a line of the packet list tells that no closed tree does: `1 0.000000 10.1.10.100 10.1.10.10 TCP 74 37664 → 80 [SYN] …`.
struct DetailSummary {
  enum Content {
    case segment(ports: (source: UInt16, destination: UInt16), TCPHeader.Flags, isReused: Bool)
    case addresses(operation: UInt16, mac: MACAddress?, sender: IPAddress, target: IPAddress)
  }

  let number: UInt64
  let content: Content

  init?(_ line: ArraySlice<UInt8>) {
    var scanner = TextScanner(line)
    scanner.skipBlanks()
    guard line.count < 1 << 12, let number = scanner.number(), scanner.begins(with: " ") else { return nil }
    self.number = number
    guard let name = Self.passLength(&scanner) else { return nil }
    switch String(decoding: name, as: UTF8.self) {
    case "TCP":
      guard let segment = scanner.segmentStart() else { return nil }
      content = .segment(ports: segment.ports, segment.flags, isReused: segment.isReused)
    case "ARP":
      guard let told = scanner.addressResolution() else { return nil }
      content = .addresses(operation: told.operation, mac: told.mac, sender: told.sender, target: told.target)
    default: return nil
    }
  }

  /// The protocol, which is the first word with a number behind it, the length. What a packet carries stands behind that.
  private static func passLength(_ scanner: inout TextScanner) -> ArraySlice<UInt8>? {
    for _ in 0..<10 {
      scanner.skipBlanks()
      let word = scanner.word()
      guard !word.isEmpty, word.count < 64 else { return nil }
      scanner.skipBlanks()
      var look = scanner
      if look.number() != nil, look.begins(with: " ") {
        look.skipBlanks()
        scanner = look
        return word
      }
    }
    return nil
  }
}
