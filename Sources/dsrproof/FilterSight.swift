import Capture
import Checks
import Evidence
import Wire

/// What a capture's own filter would have shown.
enum FilterSight {
  /// As many flows at once as fit a small buffer.
  private static let batch = 1000

  /// Whether all filters of a capture, on Ethernet, let pass whatever either end of the flows to the services sends, from and
  /// to any MAC. `nil` stands for a filter that is not known.
  static func showsBothDirections(
    _ interfaces: [(filter: String?, linkType: LinkType)], of evidence: Evidence, services: [ServicePattern]
  ) -> Bool {
    guard !interfaces.isEmpty, interfaces.allSatisfy({ $0.filter != nil && $0.linkType == .ethernet }) else {
      return false
    }
    let filters = Set(interfaces.compactMap(\.filter)).subtracting([""])
    if filters.isEmpty { return true }
    let links = evidence.links
    var frames: [[UInt8]] = []
    var count = 0
    let isHidden = { (frames: [[UInt8]]) in !filters.allSatisfy { filter($0, passes: frames, on: .ethernet) } }
    let hides = evidence.containsFlow { transport, lower, higher, fromLower, fromHigher in
      let isOfService = services.contains { $0.matches(transport, lower) || $0.matches(transport, higher) }
      guard services.isEmpty || isOfService else { return false }
      // Answers are tagged as requests are.
      let first = fromLower.isEmpty ? fromHigher[0] : fromLower[0]
      let vlan = links[first.link].vlan
      let tags = [vlan.outer, vlan.inner].prefix(Int(vlan.depth))
      for (from, to) in [(lower, higher), (higher, lower)] {
        frames += segments(transport, from, to).map { ethernet($0, from.address.version, tags: Array(tags)) }
      }
      count += 1
      guard count % batch == 0 else { return false }
      defer { frames.removeAll(keepingCapacity: true) }
      return isHidden(frames)
    }
    return !hides && !isHidden(frames)
  }

  /// IP packets of every kind that a connection has, or one datagram.
  private static func segments(_ transport: TransportProtocol, _ from: Endpoint, _ to: Endpoint) -> [[UInt8]] {
    let ports = bytes(from.port) + bytes(to.port)
    switch transport {
    case .udp:
      return [packet(ports + bytes(12) + [0, 0] + [1, 2, 3, 4], 17, from.address, to.address)]
    case .tcp:
      // SYN and ACK, ACK, PSH and ACK with data, FIN and ACK, RST.
      let kinds: [(flags: UInt8, length: Int)] = [(0x12, 0), (0x10, 0), (0x18, 4), (0x11, 0), (0x04, 0)]
      return kinds.map { flags, length in
        let header: [UInt8] = ports + [0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0]
        return packet(header + [UInt8](repeating: 0x78, count: length), 6, from.address, to.address)
      }
    }
  }

  private static func packet(
    _ payload: [UInt8], _ number: UInt8, _ from: IPAddress, _ to: IPAddress
  ) -> [UInt8] {
    let ends = from.octets + to.octets
    switch from.version {
    case .v4:
      return [0x45, 0] + bytes(UInt16(20 + payload.count)) + [0, 1, 0x40, 0, 64, number, 0, 0] + ends + payload
    case .v6:
      return [0x60, 0, 0, 0] + bytes(UInt16(payload.count)) + [number, 64] + ends + payload
    }
  }

  /// Between two hosts that nobody names.
  private static func ethernet(_ packet: [UInt8], _ version: IPAddress.Version, tags: [UInt16]) -> [UInt8] {
    let macs: [UInt8] = [2, 0x5e, 0, 0, 0x53, 1, 2, 0x5e, 0, 0, 0x53, 2]
    return macs + tags.flatMap { [0x81, 0] + bytes($0) } + (version == .v4 ? [8, 0] : [0x86, 0xdd]) + packet
  }

  private static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
}
