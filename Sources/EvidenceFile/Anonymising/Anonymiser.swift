import Cryptography
public import Evidence
public import Wire

/// Changes every address in evidence, so that nothing but its owner's key tells which they were, and the judge reads the same
/// in them. `docs/evidence.md` says what stays.
public struct Anonymiser {
  /// How many octets a key has.
  public static let keyLength = 32

  /// Of the key: evidence that was anonymised with one key fits together.
  public let keyIdentifier: UInt64
  private let secret: [UInt8]
  private var addresses: AddressMap
  private var macs: MACMap

  /// `nil` for a key of another length.
  public init?(key: [UInt8]) {
    guard key.count == Self.keyLength, let addresses = AddressMap(secret: key), let macs = MACMap(secret: key) else {
      return nil
    }
    (secret, self.addresses, self.macs) = (key, addresses, macs)
    let code = SHA256.authenticationCode(of: Array("key identifier".utf8), key: key)
    keyIdentifier = code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
  }

  public mutating func changed(_ address: IPAddress) -> IPAddress { addresses[address] }
  public mutating func changed(_ mac: MACAddress) -> MACAddress { macs[mac] }

  /// `hasSight`: its filters let both directions of every flow pass. They name addresses, and are dropped.
  public mutating func changed(_ part: CapturePart, hasSight: Bool) -> CapturePart {
    var (addresses, macs) = (addresses, macs)
    var changed = part
    changed.evidence = part.evidence.rewritten(
      address: { addresses[$0] }, mac: { macs[$0] }, prefix: { addresses[$0].first(Int($1)) })
    (self.addresses, self.macs) = (addresses, macs)
    changed.keyIdentifier = keyIdentifier
    changed.filters = part.filters.map { _ in nil }
    changed.note(showsBothDirections: hasSight)
    changed.interfaces = part.interfaces.map { interface in
      var interface = interface
      // That two are the same is all that is asked of it.
      if !interface.origin.isEmpty { interface.origin = code(of: interface.origin) }
      return interface
    }
    return changed
  }

  private func code(of text: String) -> String {
    SHA256.authenticationCode(of: Array(text.utf8), key: secret).prefix(8).map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }.joined()
  }
}
