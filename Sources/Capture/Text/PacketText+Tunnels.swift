import Wire

extension PacketText {
  /// What a tunnel carries by its EtherType.
  mutating func tunnelled(_ type: UInt16) -> BuiltLayer? {
    switch type {
    case 0x6558: return innerFrame()
    case 0x0800, 0x86dd:
      guard let packet = deeper({ $0.internet(room: nil) }), (packet.version == .v4) == (type == 0x0800) else {
        return nil
      }
      return packet.layer
    default: return nil
    }
  }

  /// `GREv0, Flags [key present], key=0x2a, proto IPv4 (0x0800), length 64: `. Of ERSPAN nothing inside is printed.
  mutating func generic() -> BuiltLayer? {
    guard scanner.take("GREv0,") else { return nil }
    var key: UInt32?
    var type: UInt16?
    for _ in 0..<8 {
      if scanner.take("Flags [") {
        guard scanner.skip(behind: "]", within: 80) else { return nil }
      } else if scanner.take("key=") {
        key = TextScanner.hexadecimal(scanner.word(before: ",")).flatMap { UInt32(exactly: $0) }
        if key == nil { return nil }
      } else if scanner.take("seq ") || scanner.take("seq# ") {
        _ = scanner.number()
      } else if scanner.take("proto ") {
        guard scanner.skip(behind: "(", within: 40) else { return nil }
        type = TextScanner.hexadecimal(scanner.word(before: ")")).flatMap { UInt16(exactly: $0) }
        _ = scanner.take(")")
      } else if scanner.take("length ") {
        _ = scanner.number()
        break
      } else {
        return nil
      }
      _ = scanner.take(",")
    }
    _ = scanner.take(":")
    guard let type else { return nil }
    var bytes: [UInt8] = [key == nil ? 0 : 0x20, 0]
    bytes.add(type)
    if let key { bytes.add(key) }
    var look = self
    if let inner = look.tunnelled(type) {
      self = look
      return inner.behind(bytes)
    }
    return BuiltLayer(bytes)
  }

  /// `MPLS (label 16, tc 0, [S], ttl 64) 10.…`.
  mutating func labels(room: Int?) -> BuiltLayer? {
    guard scanner.take("MPLS (") else { return nil }
    var bytes: [UInt8] = []
    for _ in 0..<8 {
      guard scanner.take("label "), let label = scanner.number(), label < 1 << 20 else { return nil }
      // Reserved ones have a name behind them.
      let isLast = scanner.begins(with: ", tc 0, [S]") || isBottom()
      guard scanner.skip(behind: "ttl ", within: 60), let ttl = scanner.number() else { return nil }
      bytes.add(UInt32(label) << 12 | (isLast ? 0x100 : 0) | UInt32(UInt8(clamping: ttl)))
      if isLast {
        guard scanner.take(")") else { return nil }
        break
      }
      _ = scanner.take(")")
      _ = scanner.take("(")
    }
    guard let packet = deeper({ $0.internet(room: nil) }) else { return nil }
    return packet.layer.behind(bytes)
  }

  private func isBottom() -> Bool {
    var look = scanner
    let start = look.position
    guard look.skip(behind: "[S]", within: 40) else { return false }
    let bottom = look.position
    look = scanner
    guard look.skip(behind: "ttl ", within: 60) else { return false }
    return bottom - start < look.position - start
  }

  /// `PPPoE  [ses 0x1] IP (0x0021), length 42: …`.
  mutating func session(room: Int?) -> BuiltLayer? {
    guard scanner.take("PPPoE"), scanner.take("[ses "),
      let session = TextScanner.hexadecimal(scanner.word(before: "]")), let session = UInt16(exactly: session),
      scanner.skip(behind: "(0x", within: 40), let type = TextScanner.hexadecimal(scanner.word(before: ")")),
      type == 0x21 || type == 0x57, scanner.skip(behind: ":", within: 40),
      let packet = deeper({ $0.internet(room: nil) })
    else { return nil }
    var bytes: [UInt8] = [0x11, 0]
    bytes.add(session)
    bytes.add(UInt16(truncatingIfNeeded: packet.layer.length + 2))
    bytes.add(UInt16(type))
    return packet.layer.behind(bytes)
  }

  /// `EtherIP, …`: version 3 and a frame, where it was printed.
  mutating func etherIP() -> BuiltLayer {
    var look = self
    if look.scanner.skip(behind: ":", within: 40), let frame = look.innerFrame() {
      self = look
      return frame.behind([0x30, 0])
    }
    return BuiltLayer([0x30, 0])
  }
}
