import Checks
import Evidence
import Wire

/// The frames of one flow that one capture holds, from top to bottom: one lane a MAC, one row a frame.
struct SequenceDiagram {
  let capture: String
  let lanes: [Lane]
  private let frames: [Exemplar.Frame]
  /// The ways that were found at fault, and the frames that prove it.
  private let faults: Set<Way>
  private let proof: Set<UInt64>

  struct Lane {
    var mac: MACAddress?
    /// Where no MAC was recorded, two halves need not have met the same station.
    var unrecorded: Half?
    var title: String
    var captions: [String]
  }

  struct Row {
    var number: UInt64
    /// Seconds since the first frame.
    var time: String
    /// `SYN ACK TTL 64`.
    var words: String
    /// `06:ba:49:38:53:f0 → 06:1f:8a:6c:8e:d2`.
    var ends: String
    /// The lanes that the frame goes between; `nil` where they are not to be drawn.
    var arrow: (from: Int, to: Int)?
    var isAtFault: Bool
  }

  private struct Way: Hashable {
    var half: Half
    var source: MACAddress?
    var destination: MACAddress?
  }

  private static let mostLanes = 6

  /// One for each capture that holds frames of the flow.
  static func diagrams(of service: ServiceVerdict) -> [SequenceDiagram] {
    guard let exemplar = service.exemplar else { return [] }
    var captures: [String] = []
    for frame in exemplar.frames where captures.last != frame.capture { captures.append(frame.capture) }
    return captures.map { capture in
      SequenceDiagram(
        capture, exemplar.frames.filter { $0.capture == capture }, of: service, proof: exemplar.proof[capture] ?? [])
    }
  }

  private init(_ capture: String, _ frames: [Exemplar.Frame], of service: ServiceVerdict, proof: Set<UInt64>) {
    self.capture = capture
    self.frames = frames
    self.proof = proof
    faults = Set(
      // Of a way that other flows took as well, only the frames that prove a fault are marked.
      service.legs.filter { leg in leg.faults.contains { $0.key != .unanswered && $0.value == leg.carried } }.map {
        Way(half: $0.half, source: $0.link.source, destination: $0.link.destination)
      })
    let roles = service.rolesByMAC
    let titles = service.titlesByMAC
    let macs = Set(frames.flatMap { [$0.source, $0.destination].compactMap { $0 } })
    let known = [Role.client, .router, .balancer, .backend, .unknown].flatMap { role in
      macs.filter { roles[$0, default: .unknown] == role }.sorted().map { mac in
        Lane(mac: mac, title: role.title, captions: titles[mac] ?? [mac.description])
      }
    }
    let halves = Set(frames.filter { $0.destination == nil }.map(\.half))
    lanes =
      known
      + [Half.request, .reply].filter(halves.contains).map {
        Lane(unrecorded: $0, title: Role.unknown.title, captions: ["MAC not recorded"])
      }
  }

  private typealias Role = ServiceVerdict.Leg.Role

  /// A row a frame. None has an arrow where MACs were not recorded, or are too many to draw.
  var rows: [Row] {
    let arrows = frames.map(arrow)
    let isDrawn = (2...Self.mostLanes).contains(lanes.count) && arrows.allSatisfy { $0 != nil }
    let start = frames.first?.time
    return zip(frames, arrows).map { frame, arrow in
      let macs = [frame.source, frame.destination].map { $0?.description ?? "not recorded" }
      return Row(
        number: frame.number, time: "\(frame.time.offset(since: start ?? frame.time))", words: words(of: frame),
        ends: macs.joined(separator: " → "), arrow: isDrawn ? arrow : nil, isAtFault: isAtFault(frame))
    }
  }

  private func arrow(of frame: Exemplar.Frame) -> (from: Int, to: Int)? {
    guard let source = frame.source, let from = lanes.firstIndex(where: { $0.mac == source }),
      let to = lanes.firstIndex(where: {
        frame.destination == nil ? $0.unrecorded == frame.half : $0.mac == frame.destination
      })
    else { return nil }
    return (from, to)
  }

  private func isAtFault(_ frame: Exemplar.Frame) -> Bool {
    proof.contains(frame.number)
      || faults.contains(Way(half: frame.half, source: frame.source, destination: frame.destination))
  }

  private func words(of frame: Exemplar.Frame) -> String {
    var words = [frame.content.words]
    if let foreign = frame.foreignSource { words.append("from \(foreign)") }
    words.append("TTL \(frame.hopLimit)")
    if !frame.vlan.text.isEmpty { words.append("vlan \(frame.vlan.text)") }
    if !frame.encapsulation.isEmpty { words.append("in \(frame.encapsulation.text)") }
    return words.joined(separator: " ")
  }
}

extension Exemplar.Frame.Content {
  /// `SYN ACK`, `PSH ACK 120 bytes`, `UDP 33 bytes`.
  fileprivate var words: String {
    switch self {
    case .tcp(let flags, let payload):
      let names: [(TCPHeader.Flags, String)] = [
        (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"),
      ]
      let set = names.filter { flags.contains($0.0) }.map(\.1)
      let bytes = payload > 0 ? [counted(payload, "byte")] : []
      return ((set.isEmpty ? ["no flag"] : set) + bytes).joined(separator: " ")
    case .udp(let payload): return "UDP \(counted(payload, "byte"))"
    }
  }
}

extension ServiceVerdict {
  fileprivate var rolesByMAC: [MACAddress: Leg.Role] {
    var roles: [MACAddress: Leg.Role] = [:]
    for leg in legs {
      for (mac, role) in [(leg.link.source, leg.from), (leg.link.destination, leg.to)] {
        if let mac { roles[mac] = role }
      }
    }
    return roles
  }
}

extension ServiceVerdict.Leg.Role {
  /// What a single station of this role is called.
  var title: String { self == .unknown ? "not identified" : rawValue }
}
