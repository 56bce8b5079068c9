import Cryptography
public import Evidence
import Wire

extension Flow {
  /// The Community ID version 1 of this flow, seed 0: the same for both directions, and the same in Zeek, Suricata
  /// and Wireshark.
  ///
  /// Source: github.com/corelight/community-id-spec.
  public var communityID: String { String(ascii: appendCommunityID) }

  /// Appends the same in ASCII.
  func appendCommunityID(to text: inout [UInt8]) {
    let (first, second) = (min(client, server), max(client, server))
    var input: [UInt8] = []
    input.reserveCapacity(40)
    input.append(bigEndian: 0, width: 2)
    first.address.appendOctets(to: &input)
    second.address.appendOctets(to: &input)
    input.append(bigEndian: UInt64(transport.rawValue) << 8, width: 2)
    input.append(bigEndian: UInt64(first.port), width: 2)
    input.append(bigEndian: UInt64(second.port), width: 2)
    text.append(UInt8(ascii: "1"))
    text.append(UInt8(ascii: ":"))
    text.append(base64: SHA1.hash(input))
  }
}

extension [UInt8] {
  private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Appends bytes in base64 (RFC 4648 section 4).
  fileprivate mutating func append(base64 bytes: [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start...].prefix(3)
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        append(place > group.count ? UInt8(ascii: "=") : Self.base64Digits[bits >> (18 - 6 * place) & 63])
      }
    }
  }
}
