import Wire

/// The bytes of a layer as far as text tells them, and how long it was on the wire.
struct BuiltLayer {
  var bytes: [UInt8]
  var length: Int

  init(_ bytes: [UInt8] = [], length: Int = 0) {
    self.bytes = bytes
    self.length = max(length, bytes.count)
  }

  /// The same behind a header.
  func behind(_ header: [UInt8]) -> BuiltLayer {
    BuiltLayer(header + bytes, length: header.count + length)
  }
}

extension [UInt8] {
  mutating func add(_ value: UInt16) { self += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

  mutating func add(_ value: UInt32) {
    add(UInt16(value >> 16))
    add(UInt16(truncatingIfNeeded: value))
  }

  mutating func add(_ address: IPAddress) {
    let count = address.version == .v4 ? 4 : 16
    for place in 0..<count {
      let shift = UInt64(8 * ((count - 1 - place) % 8))
      let half = count == 16 && place < 8 ? address.high : address.low
      append(UInt8(truncatingIfNeeded: half >> shift))
    }
  }
}
