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
    let payload = length ?? 0
    mark.remove([.numbers, .acknowledgment, .relative])
    let told =
      isLookedAt
      ? nil
      : numbers.resolve(
        flags, sequence: sequence, acknowledgment: acknowledgment, from: source, to: destination)
    if let told {
      mark.insert(told.sequence == nil ? .acknowledgment : .numbers)
      if told.isRelative { mark.insert(.relative) }
    }
    // Options are what the packet has room for besides; padding is no multiple of four, or more than they may be.
    let options = space.map { $0 - 20 - payload }.flatMap { 0...40 ~= $0 && $0 % 4 == 0 ? $0 : nil } ?? 0
    var bytes: [UInt8] = []
    bytes.add(source.1)
    bytes.add(destination.1)
    bytes.add(told?.sequence ?? 0)
    bytes.add(told?.acknowledgment ?? 0)
    bytes += [UInt8((20 + options) / 4) << 4, flags.rawValue, 0, 0, 0, 0, 0, 0]
    bytes += [UInt8](repeating: 1, count: options)
    return BuiltLayer(bytes, length: bytes.count + payload)
  }
}
