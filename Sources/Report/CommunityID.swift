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
    input += first.address.octets + second.address.octets
    input += [transport.rawValue, 0]
    for port in [first.port, second.port] {
      input += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }
    return "1:" + Data(Insecure.SHA1.hash(data: input)).base64EncodedString()
  }
}
