import Crypto
public import Evidence
import Foundation
import Wire

extension Flow {
  /// The Community ID version 1 of this flow, seed 0: the same for both directions, and the same in Zeek, Suricata
  /// and Wireshark.
  ///
  /// Source: github.com/corelight/community-id-spec.
  public var communityID: String {
    let (first, second) = (min(client, server), max(client, server))
    var input: [UInt8] = [0, 0]
    first.address.appendOctets(to: &input)
    second.address.appendOctets(to: &input)
    input += [transport.rawValue, 0]
    for port in [first.port, second.port] {
      input += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }
    return "1:" + Data(Insecure.SHA1.hash(data: input)).base64EncodedString()
  }
}

extension IPAddress {
  /// Appends the four or sixteen octets in network byte order.
  fileprivate func appendOctets(to bytes: inout [UInt8]) {
    if version == .v6 {
      bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: high >> UInt64($0)) }
    }
    let lowBits: UInt64 = version == .v6 ? 56 : 24
    bytes += stride(from: lowBits, through: 0, by: -8).map { UInt8(truncatingIfNeeded: low >> $0) }
  }
}
