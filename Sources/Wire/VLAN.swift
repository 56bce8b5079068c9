/// The 802.1Q and 802.1ad tags of a frame, outermost first. The identifiers of the outer two are kept, which tells
/// networks apart; deeper tags are only counted.
public struct VLANStack: Hashable, Sendable {
  public var depth: UInt8 = 0
  public var outer: UInt16 = 0
  public var inner: UInt16 = 0

  public init() {}

  public mutating func push(_ identifier: UInt16) {
    if depth == 0 { outer = identifier } else if depth == 1 { inner = identifier }
    if depth < .max { depth += 1 }
  }
}

extension VLANStack {
  /// IEEE 802.1Q clause 9.4; 802.1ad; and the number that equipment used for stacked tags before 802.1ad.
  static func isTag(_ etherType: UInt16) -> Bool {
    switch etherType {
    case 0x8100, 0x88a8, 0x9100: true
    default: false
    }
  }

  /// Reads the tags from `offset` on, those of switches too, and leaves `etherType` and `offset` at what follows them.
  mutating func read(
    _ etherType: inout UInt16, _ frame: Span<UInt8>, at offset: inout Int, end: Int
  ) throws(Dissection.Stop) {
    while true {
      if Self.isTag(etherType) {
        try frame.require(4, at: offset, before: end, in: .vlan)
        push(frame.be16(at: offset) & 0x0fff)
        offset += 4
      } else if let length = SwitchTag.length(etherType) {
        try frame.require(length + 2, at: offset, before: end, in: .vlan)
        offset += length + 2
      } else if etherType == SwitchTag.edsa {
        try frame.require(8, at: offset, before: end, in: .vlan)
        pushDSA(frame, at: offset + 2)
        offset += 8
      } else {
        return
      }
      etherType = frame.be16(at: offset - 2)
    }
  }
}
