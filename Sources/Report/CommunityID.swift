import Cryptography
public import Evidence
import Platform
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
