import Wire

/// Text that tcpdump printed, as it is saved or pasted: finds the packets in its lines, and makes frames of them.
///
/// A packet begins at the start of a line. Only where a line begins otherwise, as behind a shell's prompt, packets are looked
/// for inside it, and only such as have a time and two MACs: what a packet carries is printed behind it, and may look like
/// another.
struct TextTrace: CaptureFormat {
  private(set) var interfaces: [CaptureInterface] = []
  private(set) var foreignFrames: UInt64 = 0
  /// Lines, and packets, that say nothing that can be read.
  private(set) var skippedLines: UInt64 = 0
  private(set) var frames: UInt64 = 0
  private var numbers = PrintedNumbers()
  private var clock = PrintedClock()
  private var current: Packet?
  private var hasTimes: Bool?
  /// Where packets begin on their lines: what a packet carries is printed behind a tab, which a terminal makes blanks.
  private var column: Int?
  /// The first line from which a packet was hoped for, while there is none.
  private(set) var nearest: NearestText?
  private var line: UInt64 = 0
  /// What tshark prints of fields, from its heading on.
  private var fields: FieldTable?
  /// tshark's lines, from the first one on.
  private var columns: ColumnTrace?
  /// The packet whose tree tshark or Wireshark prints, and the packet list's line in front of the next one.
  private var tree: DetailTree?
  private let treeNumbers = ColumnNumbers()
  private var treeLine: UInt64 = 0
  private var treeText: [UInt8] = []
  private var summary: DetailSummary?
  /// Packets of which nothing but the link header was read.
  private(set) var unreadPackets: UInt64 = 0

  /// A packet until the next one begins.
  private struct Packet {
    var time: PrintedTime?
    var link: PrintedLink
    var text: [UInt8]
    /// As -x and -X print them.
    var bytes: [UInt8] = []
    var line: UInt64
  }

  /// No packet prints more.
  private static let longest = 1 << 16

  static func recognizes(_ prefix: [UInt8]) -> Bool {
    !prefix.isEmpty && prefix.allSatisfy { 0x20..<0x7f ~= $0 || 0x09...0x0d ~= $0 || $0 >= 0x80 }
      && prefix != [0xd4, 0xc3, 0xb2, 0xa1]
  }

  /// Whether a file that begins so holds packets that tcpdump printed.
  static func holdsPacket(_ start: [UInt8]) -> Bool {
    guard recognizes(Array(start.prefix(4))) else { return false }
    return start.split(separator: 0x0a).contains { line in
      let line = line.last == 0x0d ? line.dropLast() : line
      if let table = FieldTable(heading: line) { return table.missing.isEmpty }
      if DetailTree(line) != nil { return true }
      if ColumnLine(line) != nil { return true }
      return head(line).map { $0.time != nil || $0.link.kind == .ethernet } ?? false
    }
  }

  mutating func parse(
    _ bytes: Span<UInt8>, at offset: UInt64, into frames: inout [Frame]
  ) throws(CaptureError.Fault) -> ParsedRecords {
    // Its frames have bytes of their own: `take` makes them.
    ParsedRecords(length: 0, needed: 0)
  }

  func finish() throws(CaptureError.Fault) {}

  /// Takes whole lines.
  mutating func take(_ lines: ArraySlice<UInt8>, into batch: inout FrameBatch) throws(CaptureError.Fault) {
    var start = lines.startIndex
    while start < lines.endIndex {
      let end = lines[start...].firstIndex(of: 0x0a) ?? lines.endIndex
      var line = lines[start..<end]
      if line.last == 0x0d { line = line.dropLast() }
      try take(line: line, into: &batch)
      start = end + 1
    }
  }

  /// Takes the packet that no other followed.
  mutating func end(into batch: inout FrameBatch) throws(CaptureError.Fault) {
    flush(into: &batch)
    endTree(into: &batch)
    try columns?.settle()
    addColumns(into: &batch)
  }

  private mutating func take(line: ArraySlice<UInt8>, into batch: inout FrameBatch) throws(CaptureError.Fault) {
    self.line &+= 1
    guard let first = line.first else { return }
    if try takeFields(line, into: &batch) { return }
    if takeDetails(line, into: &batch) { return }
    if try takeColumns(line, into: &batch) { return }
    if frames == unreadPackets { nearest = NearestText.nearer(nearest, line, number: self.line) }
    let isIndented = first == 0x20 || first == 0x09
    if awaitsFrame, append(frameOnItsOwnLine: line) { return }
    if begin(line, into: &batch) { return }
    if current != nil, isIndented {
      append(line)
      return
    }
    if let current, current.bytes.isEmpty, !current.text.contains(0x0a), Self.isPayload(line) {
      throw .printedWithPayload(line: self.line)
    }
    if split(line, into: &batch) { return }
    skippedLines &+= 1
  }

  /// The heading of tshark's fields, or a line of their values.
  private mutating func takeFields(
    _ line: ArraySlice<UInt8>, into batch: inout FrameBatch
  ) throws(CaptureError.Fault) -> Bool {
    if let table = FieldTable(heading: line) {
      flush(into: &batch)
      let missing = table.missing.map(\.rawValue)
      if !missing.isEmpty {
        if frames > unreadPackets { throw .fieldsMissing(line: self.line, missing) }
        nearest = NearestText(form: .tsharkFields(missing: missing), line: self.line, text: line)
      }
      fields = table
      return true
    }
    guard let fields, var row = try fields.row(line, number: self.line) else { return false }
    guard fields.missing.isEmpty else {
      skippedLines &+= 1
      return true
    }
    if let field = row.fieldOfOneLayer { throw .fieldsOfOneLayer(line: self.line, field: field.rawValue) }
    _ = add(&row, into: &batch)
    return true
  }

  /// `false` where nothing but the link header can be read.
  private mutating func add(
    _ row: inout FieldRow, areColumns: Bool = false, into batch: inout FrameBatch
  ) -> Bool {
    let told = row.link()
    var link = told ?? PrintedLink(kind: .bare, source: nil, destination: nil, etherType: 0)
    let layer = told == nil ? nil : row.network(&link.etherType)
    if layer == nil {
      unreadPackets &+= 1
      // Whatever may be in it: it counts as cut, and not as of another protocol.
      link.etherType = 0x0800
    }
    let built = (layer ?? BuiltLayer()).behind(link.header())
    let mark = mark(link, layer == nil ? [] : row.mark)
    add(
      built.bytes + [mark.rawValue], length: row.wireLength ?? built.length, at: row.time, link.kind,
      areColumns: areColumns, into: &batch)
    return layer != nil
  }

  /// A line of a packet's tree, in a text of no other packets.
  private mutating func takeDetails(_ line: ArraySlice<UInt8>, into batch: inout FrameBatch) -> Bool {
    guard current == nil, fields == nil, columns?.isOneLine ?? true else { return false }
    if let started = DetailTree(line, behind: summary), tree != nil || frames == 0 {
      endTree(into: &batch)
      // The line in front of it was of the packet list.
      columns = nil
      tree = started
      treeLine = self.line
      treeText = Array(line.prefix(200))
      return true
    }
    if tree != nil || frames == 0, let told = DetailSummary(line) { summary = told }
    guard tree != nil else { return false }
    tree?.take(line)
    return true
  }

  private mutating func endTree(into batch: inout FrameBatch) {
    guard var ended = tree else { return }
    tree = nil
    let areAllUnread = unreadPackets == frames
    let found = ended.row(treeNumbers)
    var look = found
    if var row = found, look?.link() != nil {
      if add(&row, areColumns: ended.isClosed, into: &batch) { return }
    } else {
      unreadPackets &+= 1
      let bytes = ended.link.header() + [mark(ended.link, []).rawValue]
      add(
        bytes, length: max(ended.length, bytes.count + 20), at: nil, ended.link.kind, areColumns: ended.isClosed,
        into: &batch)
    }
    if areAllUnread, nearest?.form != .tsharkDetails {
      nearest = NearestText(form: .tsharkDetails, line: treeLine, text: treeText[...])
    }
  }

  /// A line of tshark's, in a text that has none of tcpdump's packets and no fields.
  private mutating func takeColumns(
    _ line: ArraySlice<UInt8>, into batch: inout FrameBatch
  ) throws(CaptureError.Fault) -> Bool {
    guard current == nil, fields == nil, columns != nil || frames == 0 else { return false }
    guard let read = ColumnLine(line) else {
      // What tcpdump printed behind them is passed over, and counted.
      guard columns != nil else { return false }
      skippedLines &+= 1
      return true
    }
    var trace = columns ?? ColumnTrace()
    columns = nil
    try trace.take(read, number: self.line, text: line)
    columns = trace
    addColumns(into: &batch)
    return true
  }

  private mutating func addColumns(into batch: inout FrameBatch) {
    guard let packets = columns?.takePackets() else { return }
    for packet in packets {
      if packet.isUnread {
        if let hint = packet.nearest, unreadPackets == frames { nearest = nearest ?? hint }
        unreadPackets &+= 1
      }
      add(packet.bytes, length: packet.length, at: packet.time, packet.kind, areColumns: true, into: &batch)
    }
  }

  /// -A prints what packets carry as it is, and first of all the first byte of their own headers: E of IPv4, ` of IPv6;
  /// -AA the link header before, of which an EtherType's second byte is no character.
  private static func isPayload(_ line: ArraySlice<UInt8>) -> Bool {
    let isHeader = { (byte: UInt8) in byte == 0x45 || byte == 0x60 }
    guard let first = line.first else { return false }
    if isHeader(first) { return true }
    let start = line.startIndex
    return line.count > 14 && isHeader(line[start + 14]) && line[start + 13] == 0x2e && line[start + 12] == 0x2e
  }

  /// VXLAN's inner frame stands on a line of its own, without a time.
  private var awaitsFrame: Bool {
    // No other packet's last word is read as well.
    guard let packet = current, let last = packet.text.last, 0x30...0x39 ~= last else { return false }
    var text = PacketText(packet.text[...], numbers, isLookedAt: true)
    _ = text.frame(packet.link)
    return text.awaitsFrame
  }

  private mutating func append(frameOnItsOwnLine line: ArraySlice<UInt8>) -> Bool {
    var scanner = TextScanner(line)
    guard scanner.mac() != nil else { return false }
    append(line)
    return true
  }

  private mutating func append(_ line: ArraySlice<UInt8>) {
    let words = line.drop { $0 == 0x09 || $0 == 0x20 }
    if words.starts(with: [0x30, 0x78]), words.count < line.count {
      appendBytes(words.dropFirst(2))
    } else if (current?.text.count ?? 0) + line.count < Self.longest {
      current?.text += [0x0a] + line
    }
  }

  /// `0x0010:  4500 003c …  E..<`.
  private mutating func appendBytes(_ line: ArraySlice<UInt8>) {
    var scanner = TextScanner(line)
    guard let offset = TextScanner.hexadecimal(scanner.word(before: ":")), scanner.take(":") else { return }
    // The packet's own come last: a line of what it carries may look like them.
    if offset == 0 { current?.bytes.removeAll() }
    guard offset == UInt64(current?.bytes.count ?? 0) else { return }
    // At most eight groups; what stands behind two blanks is the same as characters.
    for _ in 0..<8 {
      let word = scanner.word()
      guard word.count == 4 || word.count == 2, let value = TextScanner.hexadecimal(word) else { return }
      if word.count == 4 { current?.bytes.append(UInt8(value >> 8)) }
      current?.bytes.append(UInt8(truncatingIfNeeded: value))
      let before = scanner.position
      scanner.skipBlanks()
      if scanner.position - before != 1 { return }
    }
  }

  /// Begins a packet, if the line does.
  private mutating func begin(_ line: ArraySlice<UInt8>, into batch: inout FrameBatch) -> Bool {
    guard line.first != 0x09, let head = Self.head(line), head.time != nil || hasTimes != true,
      head.time == nil || hasTimes != false, column == nil || column == head.column || head.isBehindLongNumber
    else {
      return false
    }
    flush(into: &batch)
    column = column ?? head.column
    current = Packet(
      time: head.time, link: head.link, text: Array(head.rest.prefix(Self.longest)), line: self.line)
    return true
  }

  private struct Head {
    var time: PrintedTime?
    var link: PrintedLink
    var rest: ArraySlice<UInt8>
    /// How far from the start of the line it begins, or where the number in front of it ends.
    var column: Int
    /// -# prints a number of more digits than there is room for.
    var isBehindLongNumber = false
  }

  private static func head(_ line: ArraySlice<UInt8>) -> Head? {
    var scanner = TextScanner(line)
    let isIndented = line.first == 0x20 || line.first == 0x09
    scanner.skipBlanks()
    var column = scanner.position - line.startIndex
    var isBehindLongNumber = false
    // -# puts a number in front.
    var numbered = scanner
    if numbered.number() != nil, numbered.begins(with: "  ") {
      let end = numbered.position - line.startIndex
      numbered.skipBlanks()
      var look = numbered
      if PrintedTime(&look) != nil || PrintedLink(&look) != nil {
        isBehindLongNumber = column == 0 && end > 5
        (scanner, column) = (numbered, end)
      }
    }
    let time = PrintedTime(&scanner)
    if time == nil, isIndented, scanner.position == column + line.startIndex, !scanner.begins(with: "In "),
      !scanner.begins(with: "Out ")
    {
      return nil
    }
    guard let link = PrintedLink(&scanner) else { return nil }
    return Head(
      time: time, link: link, rest: scanner.rest, column: column, isBehindLongNumber: isBehindLongNumber)
  }

  /// Packets behind a prompt, where a line's end was lost.
  private mutating func split(_ line: ArraySlice<UInt8>, into batch: inout FrameBatch) -> Bool {
    var starts: [Int] = []
    var place = line.startIndex
    while let blank = line[place...].firstIndex(of: 0x20) {
      place = blank + 1
      guard place < line.endIndex, 0x30...0x39 ~= line[place],
        let head = Self.head(line[place...]), head.time != nil, head.link.kind == .ethernet
      else { continue }
      starts.append(place)
    }
    guard !starts.isEmpty, column == nil || column == 0 else { return false }
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : line.endIndex
      _ = begin(line[start..<end], into: &batch)
    }
    return true
  }

  private mutating func flush(into batch: inout FrameBatch) {
    guard let packet = current else { return }
    current = nil
    let read = frame(packet)
    // A word or two that begin like a packet: as of another text.
    if read == nil, packet.time == nil, packet.link.kind == .bare {
      skippedLines &+= 1
      return
    }
    let (bytes, length) = read ?? unread(packet)
    if hasTimes == nil { hasTimes = packet.time != nil }
    add(bytes, length: length, at: packet.time, packet.link.kind, into: &batch)
  }

  private mutating func add(
    _ bytes: [UInt8], length: Int, at time: PrintedTime?, _ kind: PrintedLink.Kind, areColumns: Bool = false,
    into batch: inout FrameBatch
  ) {
    let type: LinkType =
      areColumns ? (kind == .bare ? .bareColumns : .columns) : kind == .bare ? .bareText : .text
    let interface = interfaces.firstIndex { $0.linkType == type } ?? interfaces.count
    if interface == interfaces.count { interfaces.append(CaptureInterface(linkType: type)) }
    frames &+= 1
    batch.frames.append(
      Frame(
        offset: batch.bytes.count, capturedLength: bytes.count, wireLength: max(length, bytes.count),
        time: clock.moment(time), interface: interface, number: frames))
    batch.bytes += bytes
  }

  /// What cannot be read is a frame all the same, cut behind its link header.
  private mutating func unread(_ packet: Packet) -> (bytes: [UInt8], length: Int) {
    if unreadPackets == frames {
      let isQuick = TextScanner(packet.text[...]).contains(": tcp ")
      nearest = NearestText(
        form: isQuick ? .quickPacket : .unreadPacket, line: packet.line, text: packet.text[...])
    }
    unreadPackets &+= 1
    let header = packet.link.header()
    return (header + [mark(packet.link, []).rawValue], max(packet.link.length ?? 0, header.count + 20))
  }

  private func frame(_ packet: Packet) -> (bytes: [UInt8], length: Int)? {
    if !packet.bytes.isEmpty {
      var text = PacketText(packet.text[...], numbers, isLookedAt: true)
      let told = text.frame(packet.link)?.bytes
      if let frame = frame(ofBytes: packet), told.map({ Self.agree($0, frame.bytes, behind: packet.link) }) ?? true {
        return frame
      }
    }
    var text = PacketText(packet.text[...], numbers)
    guard let layer = text.frame(packet.link) else { return nil }
    return (layer.bytes + [mark(packet.link, text.mark).rawValue], packet.link.length ?? layer.length)
  }

  /// Whether bytes are those of the packet by what its own line tells: addresses and ports, protocol and TTL.
  private static func agree(_ told: [UInt8], _ bytes: [UInt8], behind link: PrintedLink) -> Bool {
    let start = link.header().count
    guard told.count > start + 24, bytes.count > start + 24 else { return true }
    let version = told[start] >> 4
    guard version == 4 || version == 6 else { return true }
    let (hops, number, addresses, ports) =
      version == 4
      ? (start + 8, start + 9, start + 12..<start + 20, start + 20)
      : (start + 7, start + 6, start + 8..<start + 40, start + 40)
    guard told.count >= ports + 4, bytes.count >= ports + 4 else { return bytes[start] >> 4 == version }
    guard bytes[start] >> 4 == version, told[addresses] == bytes[addresses],
      told[hops] == 0 || told[hops] == bytes[hops]
    else { return false }
    // Behind options, and extension headers, ports stand elsewhere.
    guard told[number] == bytes[number], told[number] == 6 || told[number] == 17, version == 6 || bytes[start] == 0x45
    else { return true }
    return told[ports..<ports + 4] == bytes[ports..<ports + 4]
  }

  /// The bytes themselves, from the network header on (-x) or from the link header (-xx).
  private func frame(ofBytes packet: Packet) -> (bytes: [UInt8], length: Int)? {
    var link = packet.link
    let mark = mark(link, .bytes)
    let macs = (link.destination?.octets ?? []) + (link.source?.octets ?? [])
    if link.kind == .ethernet, packet.bytes.starts(with: macs) {
      return (packet.bytes + [mark.rawValue], link.length ?? packet.bytes.count)
    }
    if link.kind == .cooked, let start = cookedHeaderLength(packet.bytes, macs) {
      let bytes = link.header() + packet.bytes.dropFirst(start)
      return (bytes + [mark.rawValue], link.length ?? bytes.count)
    }
    if link.etherType == 0 { link.etherType = packet.bytes[0] >> 4 == 6 ? 0x86dd : 0x0800 }
    let bytes = link.header() + packet.bytes
    return (bytes + [mark.rawValue], link.length ?? bytes.count)
  }

  /// Of the two headers of cooked captures, SLL and SLL2, where -xx printed one.
  private func cookedHeaderLength(_ bytes: [UInt8], _ mac: [UInt8]) -> Int? {
    guard mac.count == 6 else { return nil }
    if bytes.count >= 16, bytes[0] == 0, bytes[1] < 5, bytes[6..<12].elementsEqual(mac) { return 16 }
    return bytes.count >= 20 && bytes[12..<18].elementsEqual(mac) ? 20 : nil
  }

  private func mark(_ link: PrintedLink, _ others: Transcript.Mark) -> Transcript.Mark { link.mark(others) }
}

extension PrintedLink {
  /// How the frame behind it is written down.
  func mark(_ others: Transcript.Mark) -> Transcript.Mark {
    switch kind {
    case .ethernet: others
    case .cooked: others.union(.cooked)
    case .bare: others.union(.bare)
    }
  }
}
