import Wire

extension PacketText {
  /// `Flags [P.], cksum 0x1234 (correct), seq 1:78, ack 1, win 229, options […], length 77: HTTP: …`.
  mutating func segment(
    _ source: (IPAddress, UInt16), _ destination: (IPAddress, UInt16), space: Int?
  ) -> BuiltLayer? {
    guard scanner.take("Flags [") else { return nil }
    var flags = TCPHeader.Flags(rawValue: 0)
    for byte in scanner.word(before: "]") {
      switch byte {
      case 0x46: flags.insert(.fin)
      case 0x53: flags.insert(.syn)
      case 0x52: flags.insert(.rst)
      case 0x50: flags.insert(.psh)
      case 0x2e: flags.insert(.ack)
      // ECN's and others, and `none`.
      default: break
      }
    }
    guard scanner.skip(behind: "]", within: 8) else { return nil }
    _ = scanner.take(",")
    if scanner.take("cksum ") {
      guard scanner.skip(behind: ")", within: 60) else { return nil }
      _ = scanner.take(",")
    }
    var (sequence, end, acknowledgment, length): (UInt32?, UInt32?, UInt32?, Int?)
    if scanner.take("seq ") {
      sequence = scanner.number().flatMap { UInt32(exactly: $0) }
      if scanner.take(":") { end = scanner.number().flatMap { UInt32(exactly: $0) } }
      _ = scanner.take(",")
    }
    if scanner.take("ack ") {
      acknowledgment = scanner.number().flatMap { UInt32(exactly: $0) }
      _ = scanner.take(",")
    }
    if scanner.take("win ") {
      _ = scanner.number()
      _ = scanner.take(",")
    }
    if scanner.take("urg ") {
      _ = scanner.number()
      _ = scanner.take(",")
    }
    if scanner.take("options [") {
      guard scanner.skip(behind: "]", within: 400) else { return nil }
      _ = scanner.take(",")
    }
    if scanner.take("length ") { length = scanner.number().map { Int(clamping: min($0, 1 << 24)) } }
    if length == nil, let sequence, let end { length = Int(end &- sequence) }
    let told = ToldSegment(
      flags: flags, sequence: sequence, acknowledgment: acknowledgment, payload: length ?? 0)
    return segment(told, source, destination, space: space)
  }

  /// As tcpdump printed it before 4.0, and as older BIG-IPs and Junos print it: `S 1000:1000(0) win 64240 <mss 1460>`, `. ack 1 win 502`,
  /// `P, cksum 0x1234 (correct), 1:79(78) ack 1 win 229`. `nil` for anything else.
  ///
  /// Source: tcpdump 3.9.8 `print-tcp.c`.
  mutating func earlierSegment(
    _ source: (IPAddress, UInt16), _ destination: (IPAddress, UInt16), space: Int?
  ) -> BuiltLayer? {
    var look = self
    guard let told = look.earlierSegmentTold() else { return nil }
    self = look
    return segment(told, source, destination, space: space)
  }

  private mutating func earlierSegmentTold() -> ToldSegment? {
    let word = scanner.word(before: ",")
    var told = ToldSegment(flags: TCPHeader.Flags(rawValue: 0), payload: 0)
    guard !word.isEmpty, word.count <= 6 else { return nil }
    for byte in word {
      switch byte {
      case 0x46: told.flags.insert(.fin)
      case 0x53: told.flags.insert(.syn)
      case 0x52: told.flags.insert(.rst)
      case 0x50: told.flags.insert(.psh)
      // `.` stands for none of these; E and W are ECN's.
      case 0x2e, 0x45, 0x57: break
      default: return nil
      }
    }
    _ = scanner.take(",")
    scanner.skipBlanks()
    if scanner.take("cksum ") || scanner.begins(with: "[") {
      guard scanner.skip(behind: scanner.begins(with: "[") ? "]" : ")", within: 60) else { return nil }
      _ = scanner.take(",")
    }
    var isSegment = false
    var look = scanner
    if let sequence = look.number().flatMap({ UInt32(exactly: $0) }), look.take(":"), look.number() != nil,
      look.take("("), let length = look.number(), look.take(")")
    {
      (told.sequence, told.payload) = (sequence, Int(clamping: min(length, 1 << 24)))
      (scanner, isSegment) = (look, true)
    }
    if scanner.take("ack ") {
      guard let number = scanner.number().flatMap({ UInt32(exactly: $0) }) else { return nil }
      told.acknowledgment = number
      told.flags.insert(.ack)
      scanner.skipBlanks()
      isSegment = true
    }
    return isSegment || scanner.begins(with: "win ") ? told : nil
  }

  private struct ToldSegment {
    var flags: TCPHeader.Flags
    var sequence: UInt32?
    var acknowledgment: UInt32?
    var payload: Int
  }

  private mutating func segment(
    _ segment: ToldSegment, _ source: (IPAddress, UInt16), _ destination: (IPAddress, UInt16), space: Int?
  ) -> BuiltLayer {
    mark.remove([.numbers, .acknowledgment, .relative])
    let told =
      isLookedAt
      ? nil
      : numbers.resolve(
        segment.flags, sequence: segment.sequence, acknowledgment: segment.acknowledgment, from: source, to: destination
      )
    if let told {
      mark.insert(told.sequence == nil ? .acknowledgment : .numbers)
      if told.isRelative { mark.insert(.relative) }
    }
    // Options are what the packet has room for besides; padding is no multiple of four, or more than they may be.
    let options = space.map { $0 - 20 - segment.payload }.flatMap { 0...40 ~= $0 && $0 % 4 == 0 ? $0 : nil } ?? 0
    var bytes: [UInt8] = []
    bytes.add(source.1)
    bytes.add(destination.1)
    bytes.add(told?.sequence ?? 0)
    bytes.add(told?.acknowledgment ?? 0)
    bytes += [UInt8((20 + options) / 4) << 4, segment.flags.rawValue, 0, 0, 0, 0, 0, 0]
    bytes += [UInt8](repeating: 1, count: options)
    return BuiltLayer(bytes, length: bytes.count + segment.payload)
  }
}
