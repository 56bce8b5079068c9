import Wire

extension FieldRow {
  mutating func segment() -> BuiltLayer? {
    place += 1
    guard let source: UInt16 = number(.sourcePort), let destination: UInt16 = number(.destinationPort) else {
      return nil
    }
    var bytes: [UInt8] = []
    bytes.add(source)
    bytes.add(destination)
    mark.remove([.numbers, .acknowledgment, .relative, .counted])
    guard !holdsMore else { return nil }
    place = protocols.count
    // No flags were captured.
    guard let flags: UInt16 = number(.flags) else { return BuiltLayer(bytes, length: 20) }
    let (sequence, acknowledgment): (UInt32, UInt32)
    if let told: UInt32 = number(.sequence), let other: UInt32 = number(.acknowledgment) {
      (sequence, acknowledgment) = (told, other)
      mark.formUnion(numbers)
    } else {
      (sequence, acknowledgment) = (0, 0)
    }
    let header: Int = number(.headerLength) ?? 20
    let length: Int = number(.segmentLength) ?? 0
    guard 20...60 ~= header, header % 4 == 0, 0..<1 << 24 ~= length else { return nil }
    bytes.add(sequence)
    bytes.add(acknowledgment)
    bytes += [UInt8(header / 4) << 4, UInt8(truncatingIfNeeded: flags), 0, 0, 0, 0, 0, 0]
    bytes += [UInt8](repeating: 1, count: header - 20)
    return BuiltLayer(bytes, length: header + length)
  }

  mutating func datagram() -> BuiltLayer? {
    place += 1
    guard let source: UInt16 = number(.datagramSource), let destination: UInt16 = number(.datagramDestination) else {
      return nil
    }
    mark.remove([.numbers, .acknowledgment, .relative, .counted])
    let length: Int? = number(.datagramLength)
    let content: BuiltLayer
    if take("vxlan") {
      guard let network: UInt32 = number(.vxlanNetwork), network < 1 << 24, let frame = innerFrame() else { return nil }
      content = frame.behind([8, 0, 0, 0] + Self.identifier(network))
    } else if take("geneve") {
      guard let network: UInt32 = number(.geneveNetwork), network < 1 << 24, let (type, inner) = geneveContent() else {
        return nil
      }
      var header: [UInt8] = [0, 0]
      header.add(type)
      content = inner.behind(header + Self.identifier(network))
    } else {
      guard !holdsMore else { return nil }
      content = BuiltLayer([], length: max(0, (length ?? 8) - 8))
      place = protocols.count
    }
    var bytes: [UInt8] = []
    bytes.add(source)
    bytes.add(destination)
    bytes.add(UInt16(exactly: 8 + content.length) ?? 0)
    bytes.add(UInt16(0))
    return content.behind(bytes)
  }

  private mutating func geneveContent() -> (UInt16, BuiltLayer)? {
    let type: UInt16 =
      switch next {
      case "eth": 0x6558
      case "ip": 0x0800
      default: 0x86dd
      }
    return tunnelled(type).map { (type, $0) }
  }

  /// 24 bits, and what is kept free behind them.
  private static func identifier(_ number: UInt32) -> [UInt8] {
    [
      UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number), 0,
    ]
  }
}
