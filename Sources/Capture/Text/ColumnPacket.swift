import Wire

/// What a line of tshark's says of a packet, made into headers again.
///
/// Such a line shows the innermost addresses, ports and lengths, and no word of what is around them: VLAN tags and tunnels. So
/// what it shows must fill the frame's length; else something is hidden, and the packet is not read.
struct ColumnPacket {
  enum Reading {
    /// Behind the link header, whose EtherType it gives.
    case read(BuiltLayer, etherType: UInt16, mark: Transcript.Mark, isPadded: Bool)
    /// Something stands around what is shown: the frame has so many bytes more or less than that.
    case hidden(Int)
    /// No ports, or words that are not known.
    case unread
  }

  private let line: ColumnLine
  private var scanner: TextScanner
  private var isPadded = false
  private var extra: Int?

  private init(_ line: ColumnLine) {
    self.line = line
    scanner = TextScanner(line.info)
  }

  static func reading(_ line: ColumnLine, _ numbers: ColumnNumbers) -> Reading {
    var packet = ColumnPacket(line)
    return packet.read(numbers)
  }

  private mutating func read(_ numbers: ColumnNumbers) -> Reading {
    guard line.link != .contradictory else { return .hidden(0) }
    if TextScanner(line.info).contains("[Packet size limited") { return .unread }
    guard let ends = line.ends else {
      // Spanning tree and others: counted, as of a capture.
      guard isProtocol("ARP") else {
        return .read(BuiltLayer(), etherType: 0x88b5, mark: [], isPadded: false)
      }
      return result(addressResolution(), 0x0806, [])
    }
    let isV4 = ends.source.version == .v4
    var mark: Transcript.Mark = []
    guard let payload = payload(ends, &mark, numbers) else { return extra.map { .hidden($0) } ?? .unread }
    var bytes: [UInt8] = isV4 ? [0x45, 0] : [0x60, 0, 0, 0]
    bytes.add(UInt16(exactly: payload.layer.length + (isV4 ? 20 : 0)) ?? 0)
    bytes += isV4 ? [0, 0, 0, 0, payload.hops, payload.number, 0, 0] : [payload.number, payload.hops]
    bytes.add(ends.source)
    bytes.add(ends.destination)
    return result(payload.layer.behind(bytes), isV4 ? 0x0800 : 0x86dd, mark)
  }

  private func result(_ layer: BuiltLayer?, _ etherType: UInt16, _ mark: Transcript.Mark) -> Reading {
    if let extra { return .hidden(extra) }
    guard let layer else { return .unread }
    return .read(layer, etherType: etherType, mark: mark, isPadded: isPadded)
  }

  private struct Payload {
    var number: UInt8
    var layer: BuiltLayer
    var hops: UInt8 = 0
  }

  private func isProtocol(_ name: StaticString) -> Bool {
    TextScanner(line.protocolName).begins(with: name) && line.protocolName.count == name.utf8CodeUnitCount
  }

  private mutating func payload(
    _ ends: (source: IPAddress, destination: IPAddress), _ mark: inout Transcript.Mark, _ numbers: ColumnNumbers
  ) -> Payload? {
    let header = ends.source.version == .v4 ? 20 : 40
    if isProtocol("TCP") { return segment(header, ends, &mark, numbers).map { Payload(number: 6, layer: $0) } }
    if isProtocol("UDP") { return datagram(header).map { Payload(number: 17, layer: $0) } }
    if isProtocol("ICMP") { return controlMessage(ends) }
    if isProtocol("ICMPv6") { return controlMessage6(ends).map { Payload(number: 58, layer: $0) } }
    if isProtocol("VRRP") { return redundancy(header, ends).map { Payload(number: 112, layer: $0) } }
    if TextScanner(line.protocolName).begins(with: "IGMP") { return Payload(number: 2, layer: BuiltLayer()) }
    return nil
  }

  // MARK: What fills the frame

  /// Whether the frame is as long as what is shown of it, `lengths` of what stands behind the link header.
  private mutating func fits(_ lengths: Int...) -> Bool {
    let headers: [Int] =
      switch line.link {
      case .ordered, .unordered: [14]
      // SLL and SLL2.
      case .cooked: [16, 20]
      // Raw IP, loopback, Ethernet and SLL; SLL2's is as long as a tunnel's around raw IP.
      case .untold: [0, 4, 14, 16]
      case .contradictory: []
      }
    for length in lengths where headers.contains(line.length - length) { return true }
    // What Ethernet pads may be a tag that is not shown.
    if headers.contains(14), line.length == 60, let least = lengths.min(), least + 14 < 60 {
      isPadded = true
      return true
    }
    extra = line.length - 14 - (lengths.min() ?? 0)
    return false
  }

  // MARK: TCP and UDP

  /// `[TCP Retransmission] 37664 → 80 [SYN, ACK] Seq=0 Ack=1 Win=28960 Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=2 WS=128`.
  private mutating func segment(
    _ header: Int, _ ends: (source: IPAddress, destination: IPAddress), _ mark: inout Transcript.Mark,
    _ numbers: ColumnNumbers
  ) -> BuiltLayer? {
    guard let (ports, flags, isReused) = scanner.segmentStart() else { return nil }
    var (sequence, acknowledgment, length): (UInt32?, UInt32?, Int?)
    var options = ColumnOptions()
    while !scanner.isAtEnd {
      let name = scanner.word(before: "=")
      if name.isEmpty { break }
      let value = scanner.take("=") ? scanner.number() : nil
      scanner.skipBlanks()
      switch String(decoding: name.prefix(16), as: UTF8.self) {
      case "Seq": sequence = value.flatMap { UInt32(exactly: $0) }
      case "Ack": acknowledgment = value.flatMap { UInt32(exactly: $0) }
      case "Len": length = value.flatMap { $0 < 1 << 24 ? Int($0) : nil }
      case "MSS": options.add(.segmentSize)
      case "SACK_PERM": options.add(.selective)
      case "TSval": options.add(.timestamps)
      case "WS": options.add(.scale)
      case "SLE": options.add(.blocks)
      default: break
      }
    }
    guard let length else { return nil }
    guard fits(header + 20 + options.least + length, header + 20 + options.aligned + length) else { return nil }
    if numbers.mayBelongElsewhere(flags, ends, ports) { return nil }
    let told = numbers.told(
      flags, sequence: sequence, acknowledgment: acknowledgment, isReused: isReused, ends, ports)
    if let told { mark.formUnion(told.mark) }
    let space = min(40, options.aligned)
    var bytes: [UInt8] = []
    bytes.add(ports.source)
    bytes.add(ports.destination)
    bytes.add(told?.sequence ?? 0)
    bytes.add(told?.acknowledgment ?? 0)
    bytes += [UInt8((20 + space) / 4) << 4, flags.rawValue, 0, 0, 0, 0, 0, 0]
    bytes += [UInt8](repeating: 1, count: space)
    return BuiltLayer(bytes, length: bytes.count + length)
  }

  /// `4000 → 53 Len=52`.
  private mutating func datagram(_ header: Int) -> BuiltLayer? {
    guard let ports = scanner.ports(), scanner.take("Len="), let number = scanner.number(), number <= 65527 else {
      return nil
    }
    let length = Int(number)
    guard fits(header + 8 + length) else { return nil }
    var bytes: [UInt8] = []
    bytes.add(ports.source)
    bytes.add(ports.destination)
    bytes.add(UInt16(exactly: 8 + length) ?? 0)
    bytes.add(UInt16(0))
    return BuiltLayer(bytes, length: 8 + length)
  }

  // MARK: ARP and VRRP

  private mutating func addressResolution() -> BuiltLayer? {
    guard let told = scanner.addressResolution(), fits(28) else { return nil }
    var bytes: [UInt8] = [0, 1, 8, 0, 6, 4]
    bytes.add(told.operation)
    bytes += told.mac?.octets ?? [0, 0, 0, 0, 0, 0]
    bytes.add(told.sender)
    bytes += [0, 0, 0, 0, 0, 0]
    bytes.add(told.target)
    return BuiltLayer(bytes)
  }

  /// `Announcement (v2)`: which virtual router it is stands in its MAC at most, its priority and addresses nowhere.
  private mutating func redundancy(
    _ header: Int, _ ends: (source: IPAddress, destination: IPAddress)
  ) -> BuiltLayer? {
    guard scanner.take("Announcement (v") || scanner.take("Advertisement (v"), let version = scanner.number(),
      version == 2 || version == 3
    else { return nil }
    var router: UInt8 = 0
    if case .ordered(let source, _) = line.link, source.octets[..<4].elementsEqual([0, 0, 0x5e, 0]) {
      router = source.octets[5]
    }
    let bytes: [UInt8] = [UInt8(version) << 4 | 1, router, 0, 0, 0, 1, 0, 0]
    // Authentication data.
    return BuiltLayer(version == 2 ? bytes + [0, 0, 0, 0, 0, 0, 0, 0] : bytes)
  }

  // MARK: ICMP

  /// An error's line names its code, and nothing of what it is about but that it goes to who sent it (RFC 792).
  private mutating func controlMessage(_ ends: (source: IPAddress, destination: IPAddress)) -> Payload? {
    if scanner.begins(with: "Echo (ping) re") {
      let type: UInt8 = scanner.begins(with: "Echo (ping) request") ? 8 : 0
      let hops = scanner.skip(behind: "ttl=", within: 80) ? scanner.number().flatMap { UInt8(exactly: $0) } : nil
      return Payload(number: 1, layer: BuiltLayer([type, 0, 0, 0, 0, 0, 0, 0]), hops: hops ?? 0)
    }
    var header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    if scanner.take("Destination unreachable (") {
      (header[0], header[1]) = (3, 1)
      if scanner.take("Port unreachable") { header[1] = 3 }
      if scanner.take("Fragmentation needed") { header[1] = 4 }
      if scanner.take("Communication administratively filtered") { header[1] = 13 }
    } else if scanner.take("Time-to-live exceeded (") {
      (header[0], header[1]) = (11, scanner.take("Fragment reassembly") ? 1 : 0)
    } else if scanner.take("Parameter problem") {
      header[0] = 12
    } else {
      return nil
    }
    header += [0x45, 0, 0, 28, 0, 0, 0, 0, 0, QuotedPacket.untoldProtocol, 0, 0]
    header.add(ends.destination)
    header.add(IPAddress(unspecified: .v4))
    return Payload(number: 1, layer: BuiltLayer(header + [0, 0, 0, 0]))
  }

  private mutating func controlMessage6(_ ends: (source: IPAddress, destination: IPAddress)) -> BuiltLayer? {
    if scanner.begins(with: "Echo (ping) request") { return BuiltLayer([128, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.begins(with: "Echo (ping) reply") { return BuiltLayer([129, 0, 0, 0, 0, 0, 0, 0]) }
    if scanner.begins(with: "Router Advertisement") { return BuiltLayer([134] + [UInt8](repeating: 0, count: 15)) }
    if scanner.begins(with: "Neighbor ") { return neighbour() }
    var header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    if scanner.take("Packet Too Big") {
      header[0] = 2
    } else if scanner.take("Destination Unreachable") {
      header[0] = 1
    } else if scanner.take("Time Exceeded") {
      header[0] = 3
    } else {
      // Reports of listeners and others.
      return BuiltLayer([255, 0, 0, 0, 0, 0, 0, 0])
    }
    header += [0x60, 0, 0, 0, 0, 0, QuotedPacket.untoldProtocol, 0]
    header.add(ends.destination)
    header.add(IPAddress(unspecified: .v6))
    return BuiltLayer(header)
  }

  /// `Neighbor Solicitation for fd00:10::10 from 06:…`, `Neighbor Advertisement fd00:10::10 (rtr, sol, ovr) is at 06:…`.
  private mutating func neighbour() -> BuiltLayer? {
    let isSolicitation = scanner.take("Neighbor Solicitation for ")
    guard isSolicitation || scanner.take("Neighbor Advertisement "),
      let target = IPAddress(String(decoding: scanner.word(), as: UTF8.self)), target.version == .v6
    else { return nil }
    scanner.skipBlanks()
    var flags: UInt8 = 0
    if scanner.take("("), let words = scanner.take(until: ")") {
      for word in String(decoding: words, as: UTF8.self).split(separator: ", ") {
        switch word {
        case "rtr": flags |= 0x80
        case "sol": flags |= 0x40
        case "ovr": flags |= 0x20
        default: break
        }
      }
    }
    let mac = scanner.take("from ") || scanner.take("is at ") ? scanner.mac() : nil
    // A nonce takes as much as a hardware address.
    guard fits(40 + 24 + (mac == nil ? 0 : 8), 40 + 24 + 8) else { return nil }
    var bytes: [UInt8] = [isSolicitation ? 135 : 136, 0, 0, 0, flags, 0, 0, 0]
    bytes.add(target)
    if let mac { bytes += [isSolicitation ? 1 : 2, 1] + mac.octets }
    return BuiltLayer(bytes)
  }
}

/// How much room the options that a line lists take in a TCP header.
struct ColumnOptions {
  enum Kind { case segmentSize, selective, timestamps, scale, blocks }
  private var kinds: [Kind] = []

  mutating func add(_ kind: Kind) { if kinds.count < 10 { kinds.append(kind) } }

  private func length(_ kind: Kind, isFurtherBlock: Bool) -> Int {
    switch kind {
    case .segmentSize: 4
    case .selective: 2
    case .timestamps: 10
    case .scale: 3
    case .blocks: isFurtherBlock ? 8 : 10
    }
  }

  /// Nothing between them. A frame of this length hides nothing.
  var least: Int { end { _, _ in 0 } }

  /// As every system lays them out, in the order in which they stand: so that their numbers are aligned.
  var aligned: Int {
    end { kind, offset in
      switch kind {
      case .segmentSize: (4 - offset % 4) % 4
      case .selective, .timestamps, .blocks: (6 - offset % 4) % 4
      case .scale: (5 - offset % 4) % 4
      }
    }
  }

  private func end(_ padding: (Kind, Int) -> Int) -> Int {
    var offset = 0
    for (place, kind) in kinds.enumerated() {
      let isFurther = kind == .blocks && place > 0 && kinds[place - 1] == .blocks
      // Linux puts the permission in front of the times in place of padding.
      let isFollowed = kind == .selective && place + 1 < kinds.count && kinds[place + 1] == .timestamps
      offset += isFurther || isFollowed ? 0 : padding(kind, offset)
      offset += length(kind, isFurtherBlock: isFurther)
    }
    return (offset + 3) / 4 * 4
  }
}

/// Gives TCP's numbers back what tshark took from them: they count from 0 in each connection, unless it was told otherwise.
///
/// What they count from is not told, and is made up for each connection, so that two of the same ports stay two. tshark says
/// where it begins to count anew. Such numbers hold in their connection alone.
final class ColumnNumbers {
  private struct Ends: Hashable {
    var source, destination: IPAddress
    var sourcePort, destinationPort: UInt16
    var reversed: Ends {
      Ends(source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort)
    }
    var withoutDestination: Ends {
      Ends(
        source: source, destination: IPAddress(unspecified: .v4), sourcePort: sourcePort,
        destinationPort: destinationPort)
    }
  }

  /// With whom an end was seen first.
  private var partners: [Ends: IPAddress] = [:]

  /// Of one direction.
  private struct Beginning {
    var start: UInt32
    var isTold = false
  }

  struct Told {
    var sequence: UInt32
    var acknowledgment: UInt32
    var mark: Transcript.Mark
  }

  /// More than any trace that is pasted has.
  private static let limit = 1 << 20
  private var areAbsolute: Bool?
  private var beginnings: [Ends: Beginning] = [:]
  private var made: UInt32 = 0

  func told(
    _ flags: TCPHeader.Flags, sequence: UInt32?, acknowledgment: UInt32?, isReused: Bool,
    _ addresses: (source: IPAddress, destination: IPAddress), _ ports: (source: UInt16, destination: UInt16)
  ) -> Told? {
    if flags.contains(.syn), let sequence { areAbsolute = sequence != 0 }
    guard let areAbsolute, let sequence else { return nil }
    let own = Ends(
      source: addresses.source, destination: addresses.destination, sourcePort: ports.source,
      destinationPort: ports.destination)
    let acknowledgment = flags.contains(.ack) ? acknowledgment : 0
    guard let acknowledgment else { return nil }
    if areAbsolute { return Told(sequence: sequence, acknowledgment: acknowledgment, mark: .numbers) }
    let other = own.reversed
    if flags.contains(.syn), isReused {
      beginnings[own] = nil
      if !flags.contains(.ack) { beginnings[other] = nil }
    }
    guard let start = beginning(own, isTold: flags.contains(.syn)), let otherStart = beginning(other, isTold: false)
    else { return nil }
    let mark: Transcript.Mark = start.isTold || otherStart.isTold ? [.numbers, .counted] : [.numbers, .relative]
    return Told(
      sequence: sequence &+ start.start,
      acknowledgment: flags.contains(.ack) ? acknowledgment &+ otherStart.start : 0, mark: mark)
  }

  /// Numbers from 0 do not tell whether a segment of no flow that is known is an answer of one from another address.
  func mayBelongElsewhere(
    _ flags: TCPHeader.Flags, _ addresses: (source: IPAddress, destination: IPAddress),
    _ ports: (source: UInt16, destination: UInt16)
  ) -> Bool {
    let isRequest = flags.contains(.syn) && !flags.contains(.ack)
    guard areAbsolute != true else { return false }
    let own = Ends(
      source: addresses.source, destination: addresses.destination, sourcePort: ports.source,
      destinationPort: ports.destination)
    if !isRequest, beginnings[own] == nil, beginnings[own.reversed] == nil {
      for ends in [own, own.reversed] {
        if let partner = partners[ends.withoutDestination], partner != ends.destination { return true }
      }
    }
    guard partners.count < Self.limit else { return false }
    for ends in [own, own.reversed] where partners[ends.withoutDestination] == nil {
      partners[ends.withoutDestination] = ends.destination
    }
    return false
  }

  private func beginning(_ ends: Ends, isTold: Bool) -> Beginning? {
    if var known = beginnings[ends] {
      if isTold, !known.isTold {
        known.isTold = true
        beginnings[ends] = known
      }
      return known
    }
    guard beginnings.count < Self.limit else { return nil }
    // Far from each other, and from where numbers begin again.
    made = (made &+ 1) & 0xff
    let beginning = Beginning(start: 0x1000_0000 &+ made << 22, isTold: isTold)
    beginnings[ends] = beginning
    return beginning
  }
}
