import Capture
import TestSupport
import Testing
import Wire

/// What the packets of a text are read for, a line each: who sent it to whom on the link, in which VLANs and tunnels, and what
/// it is. `?` stands for what the text does not tell.
func packets(_ text: String) -> [String] { dissected(text).map(\.shown) }

func dissected(_ text: String) -> [Dissection] {
  let contents = read(Array(text.utf8))
  return contents.frames.map { frame in
    Dissection(
      frame.data.span, linkType: contents.interfaces[frame.record.interface].linkType,
      wireLength: frame.record.wireLength)
  }
}

extension Dissection {
  fileprivate var shown: String {
    var words: [String] = []
    if source != nil || destination != nil {
      words.append("\(source.map { "\($0)" } ?? "?") > \(destination.map { "\($0)" } ?? "?")")
    }
    if vlan.depth > 0 { words.append("vlan \(vlan.depth > 1 ? "\(vlan.outer)/\(vlan.inner)" : "\(vlan.outer)")") }
    for layer in encapsulation.layers { words.append("\(layer.tunnel) \(layer.identifier.map { "\($0)" } ?? "-")") }
    let ttl = network.map { "ttl \($0.hopLimit > 0 ? "\($0.hopLimit)" : "?")" } ?? ""
    switch content {
    case .tcp(let tcp):
      words += [ends(tcp.sourcePort, tcp.destinationPort), flags(tcp.flags)]
      words += [told == .everything ? "seq \(tcp.sequence)" : "seq ?"]
      words += [
        told == .everything || told == .acknowledgment ? "ack \(tcp.acknowledgment)" : "ack ?",
        "length \(tcp.payloadLength)", ttl,
      ]
    case .udp(let udp):
      words += [ends(udp.sourcePort, udp.destinationPort), "UDP", "length \(udp.payloadLength)", ttl]
    case .arp(let arp):
      words += [
        arp.operation == 1 ? "who has \(arp.targetIP)" : "at \(arp.senderMAC)", "\(arp.senderIP)",
        isTranscribed ? "?" : "\(arp.senderMAC)",
      ]
    case .icmpError(let error):
      let quoted = error.quoted
      words += [
        "\(error.kind)", quoted.isUntold ? "?" : "\(quoted.protocolNumber)",
        "\(quoted.source) \(quoted.sourcePort) > \(quoted.destination) \(quoted.destinationPort)", "mtu \(error.mtu)",
      ]
    case .neighborDiscovery(let message):
      words += ["\(message.kind) \(message.target)", message.linkLayerAddress.map { "\($0)" } ?? "?"]
    case .vrrp(let advertisement):
      words += ["VRRP \(advertisement.virtualRouterID)", "\(advertisement.addresses.count)"]
    case .laterFragment(let number): words += ["later fragment of \(number)", ttl]
    case .echo(let isReply): words += [isReply ? "echo reply" : "echo request"]
    case .routerAdvertisement(let advertisement): words += ["router", "\(advertisement.options.count)"]
    case .other(let number): words.append("protocol \(number)")
    case .none: words.append("nothing")
    }
    return words.joined(separator: " ")
  }

  private func ends(_ source: UInt16, _ destination: UInt16) -> String {
    guard let network else { return "?" }
    return "\(network.source) \(source) > \(network.destination) \(destination)"
  }

  private func flags(_ flags: TCPHeader.Flags) -> String {
    let letters: [(TCPHeader.Flags, String)] = [(.syn, "S"), (.fin, "F"), (.rst, "R"), (.psh, "P"), (.ack, ".")]
    return "[" + letters.filter { flags.contains($0.0) }.map(\.1).joined() + "]"
  }
}
