import Wire

extension PacketText {
  /// `UDP, length 52`, `VXLAN, flags [I] (0x08), vni 42` and the frame on the next line; of ports that tcpdump decodes
  /// whatever it prints in their place.
  mutating func datagram(_ ports: (UInt16, UInt16), space: Int?) -> BuiltLayer {
    mark.remove([.numbers, .acknowledgment, .relative])
    _ = scanner.take("[udp sum ok]") || scanner.take("[no cksum]")
    let content = tunnelInDatagram(space: space.map { $0 - 8 }) ?? plainContent(space: space.map { $0 - 8 })
    var bytes: [UInt8] = []
    bytes.add(ports.0)
    bytes.add(ports.1)
    bytes.add(UInt16(exactly: 8 + content.length) ?? 0)
    bytes.add(UInt16(0))
    return content.behind(bytes)
  }

  private mutating func plainContent(space: Int?) -> BuiltLayer {
    if scanner.take("UDP, length ") || scanner.take("UDP, length: ") {
      return BuiltLayer([], length: scanner.number().map { Int(clamping: min($0, 65527)) } ?? 0)
    }
    return BuiltLayer([], length: max(0, space ?? 0))
  }

  private mutating func tunnelInDatagram(space: Int?) -> BuiltLayer? {
    var look = self
    let layer: BuiltLayer?
    defer { awaitsFrame = awaitsFrame || look.awaitsFrame }
    if look.scanner.take("VXLAN, flags [") || look.scanner.take("OTV, flags [") {
      layer = look.vxlan()
    } else if look.scanner.take("VXLAN-GPE, flags [") {
      layer = look.vxlanGPE()
    } else if look.scanner.take("Geneve, ") {
      layer = look.geneve()
    } else if look.scanner.begins(with: "MPLS (") {
      layer = look.labels(room: space)
    } else {
      return nil
    }
    guard let layer else { return nil }
    self = look
    return layer
  }

  private mutating func vxlan() -> BuiltLayer? {
    guard scanner.skip(behind: "vni ", within: 60) || scanner.skip(behind: "instance ", within: 60),
      let network = scanner.number(), network < 1 << 24
    else { return nil }
    if scanner.isAtEnd { awaitsFrame = true }
    guard let frame = innerFrame() else { return nil }
    return frame.behind([8, 0, 0, 0] + identifier(network) + [0])
  }

  private mutating func vxlanGPE() -> BuiltLayer? {
    guard scanner.skip(behind: "vni ", within: 60), let network = scanner.number(), network < 1 << 24,
      scanner.take(":")
    else { return nil }
    let start = [0x0c, 0, 0] as [UInt8]
    var look = self
    if let frame = look.innerFrame() {
      self = look
      return frame.behind(start + [3] + identifier(network) + [0])
    }
    guard let packet = deeper({ $0.internet(room: nil) }) else { return nil }
    return packet.layer.behind(start + [packet.version == .v4 ? 1 : 2] + identifier(network) + [0])
  }

  /// `Flags [none], vni 0x2a, proto TEB (0x6558), options […]: `. Options are passed over: what is in them is not printed whole.
  private mutating func geneve() -> BuiltLayer? {
    guard scanner.skip(behind: "vni ", within: 60),
      let network = TextScanner.hexadecimal(scanner.word(before: ",:")), network < 1 << 24,
      scanner.skip(behind: "proto ", within: 8), scanner.skip(behind: "(", within: 40),
      let type = TextScanner.hexadecimal(scanner.word(before: ")")), let type = UInt16(exactly: type),
      scanner.take(")")
    else { return nil }
    if scanner.take(", options [") || scanner.take(",") {
      guard scanner.skip(behind: "]", within: 1000) else { return nil }
    }
    _ = scanner.take(":")
    guard let inner = tunnelled(type) else { return nil }
    var bytes: [UInt8] = [0, 0]
    bytes.add(type)
    return inner.behind(bytes + identifier(network) + [0])
  }

  private func identifier(_ number: UInt64) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number),
    ]
  }
}
