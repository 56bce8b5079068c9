import Checks
import Evidence
import Wire

extension Exhibit.Frame {
  /// A Wireshark display filter that shows the frame among those of its flow. The frame is named besides the flow, for
  /// a reply from a wrong address or an ARP frame is proof without having the flow's addresses.
  var displayFilter: String {
    let this = "frame.number == \(number)"
    guard let flow else { return this }
    return "\(this) || (\(flow.displayFilter))"
  }
}

extension Flow {
  /// `ip.addr == 10.1.10.100 && tcp.port == 37664 && ip.addr == 10.1.10.10 && tcp.port == 80`.
  var displayFilter: String {
    [client, server].map { end in
      let field = end.address.version == .v4 ? "ip.addr" : "ipv6.addr"
      return "\(field) == \(end.address) && \(transport.name).port == \(end.port)"
    }.joined(separator: " && ")
  }
}
