import Wire

/// What was printed of one packet, made into headers again.
struct PacketText {
  var scanner: TextScanner
  let numbers: PrintedNumbers
  /// What the headers tell of the innermost packet's numbers.
  var mark: Transcript.Mark = []
  /// Tunnels in tunnels, errors in errors: no deeper.
  private var depth = 0
  /// The text ends where the frame inside VXLAN would follow on a line of its own.
  var awaitsFrame = false
  /// Its numbers are not noted: it will be read again.
  let isLookedAt: Bool

  init(_ text: ArraySlice<UInt8>, _ numbers: PrintedNumbers, isLookedAt: Bool = false) {
    scanner = TextScanner(text)
    self.numbers = numbers
    self.isLookedAt = isLookedAt
  }

  /// Goes one layer deeper; `nil` where there are too many.
  mutating func deeper<Result>(_ body: (inout PacketText) -> Result?) -> Result? {
    guard depth < 8 else { return nil }
    depth += 1
    defer { depth -= 1 }
    return body(&self)
  }

  /// The frame that stands behind `link`, which the scanner has passed; `nil` where nothing in it can be read.
  mutating func frame(_ link: PrintedLink) -> BuiltLayer? {
    var link = link
    guard let payload = network(&link.etherType, room: link.length.map { $0 - 14 - 4 * link.tags.count }) else {
      return nil
    }
    return payload.behind(link.header())
  }

  /// `room` is how long the packet is with what pads it, where that was printed.
  mutating func network(_ etherType: inout UInt16, room: Int?) -> BuiltLayer? {
    scanner.skipBlanks()
    switch etherType {
    case 0x0800: return deeper { $0.internet(room: room)?.layer }
    case 0x86dd: return deeper { $0.internet(room: room)?.layer }
    // A raw capture prints no protocol.
    case 0:
      guard let packet = deeper({ $0.internet(room: room) }) else { return nil }
      etherType = packet.version == .v4 ? 0x0800 : 0x86dd
      return packet.layer
    case 0x0806: return addressResolution()
    case 0x8847, 0x8848: return deeper { $0.labels(room: room) }
    case 0x8864: return deeper { $0.session(room: room) }
    // Spanning tree and others: counted, as of a capture.
    default: return BuiltLayer([], length: room.map { max(0, $0) } ?? 0)
    }
  }

  /// A frame inside a tunnel.
  mutating func innerFrame() -> BuiltLayer? {
    scanner.skipBlanks()
    guard let link = PrintedLink(&scanner), link.kind == .ethernet else { return nil }
    return deeper { $0.frame(link) }
  }
}
