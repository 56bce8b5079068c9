import Wire

/// A hash that is the same everywhere and always.
struct StableHash {
  private(set) var value: UInt64 = 0

  static func of(_ address: IPAddress) -> UInt64 {
    var hash = StableHash()
    hash.add(address)
    return hash.value
  }

  mutating func add(_ word: UInt64) { value = mix(value ^ word, 0x9e37_79b9_7f4a_7c15) }

  mutating func add(_ address: IPAddress?) {
    add(address?.high ?? .max)
    add(address?.low ?? .max)
  }

  /// More than any MAC for none.
  mutating func add(_ mac: MACAddress?) { add(mac?.rawValue ?? .max) }

  mutating func add(_ encapsulation: Encapsulation) {
    add(UInt64(encapsulation.overlayDepth))
    for layer in encapsulation.layers {
      add(UInt64(layer.tunnel.rawValue) << 32 | UInt64(layer.identifier ?? 0))
      add(layer.source)
      add(layer.destination)
      if let carrier = layer.carrier {
        add(carrier.source)
        add(carrier.destination)
        add(carrier.vlan)
      }
    }
  }

  mutating func add(_ vlan: VLANStack) {
    add(UInt64(vlan.depth) << 32 | UInt64(vlan.outer) << 16 | UInt64(vlan.inner))
  }
}
