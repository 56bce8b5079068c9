import Checks
import Evidence
import Wire

/// The way that frames of a service took, as a sequence diagram: one lane a station, one arrow a leg. A leg that must
/// exist but was not seen is a dashed arrow that says so.
struct PathPicture {
  typealias Leg = ServiceVerdict.Leg

  /// The lines of the picture, without margin; empty where no leg was seen.
  static func lines(of legs: [Leg]) -> [Line] {
    let groups = groupsByBackend(withoutRepeats(legs))
    return groups.enumerated().flatMap { index, group in
      let picture = PathPicture(group, isWhole: groups.count == 1)
      return (index == 0 ? [] : [Line("")]) + picture.lines
    }
  }

  struct Line: Equatable {
    var text: String
    var style: TerminalText.Style

    init(_ text: String, _ style: TerminalText.Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  /// A station of known role with all its MACs, or one MAC of unknown role, or the unrecorded end of one half's frames.
  private struct Lane {
    var role: Leg.Role
    var macs: [MACAddress]
    /// Where no MAC was recorded, two halves need not have met the same station.
    var unrecorded: Half?

    var title: String {
      if role == .unknown { return "not identified" }
      return macs.count > 1 ? role.rawValue + "s" : role.rawValue
    }

    /// At most three lines of addresses.
    var captions: [String] {
      if unrecorded != nil { return ["MAC not recorded"] }
      let texts = macs.map(\.description)
      return texts.count <= 3 ? texts : texts.prefix(2) + ["and \(texts.count - 2) more"]
    }

    func holds(_ role: Leg.Role, _ mac: MACAddress?, of half: Half) -> Bool {
      guard let mac else { return unrecorded == half }
      return self.role == role && macs.contains(mac)
    }
  }

  private struct Arrow {
    var half: Half
    var from: Int
    var to: Int
    /// `nil` for a leg that was not seen.
    var flows: Int?
    var encapsulation: String

    /// What to write on the arrow, fullest first.
    func labels(counted withCount: Bool) -> [String] {
      guard let flows else { return ["\(half.rawValue) not seen", "not seen", "?"] }
      let tunnel = encapsulation.isEmpty ? "" : " in \(encapsulation)"
      guard withCount else { return [half.rawValue + tunnel, half.rawValue, ""] }
      return [
        "\(half.rawValue), \(counted(flows, "flow"))\(tunnel)", "\(half.rawValue) ×\(flows)\(tunnel)", half.rawValue,
        "",
      ]
    }
  }

  private let lanes: [Lane]
  private let arrows: [Arrow]
  /// Whether this picture shows every flow; one of several shows only those of its own backends.
  private let isWhole: Bool

  private init(_ legs: [Leg], isWhole: Bool) {
    let lanes = Self.lanes(of: legs)
    let seen = Self.arrows(of: legs, between: lanes)
    self.lanes = lanes
    self.arrows = (seen + Self.unseenArrows(besides: seen, between: lanes)).sorted { a, b in
      // Along the path: requests from left to right, then replies from right to left.
      switch (a.half, b.half) {
      case (.request, .reply): true
      case (.reply, .request): false
      case (.request, .request): (a.to, b.from) < (b.to, a.from)
      case (.reply, .reply): (b.to, a.from) < (a.to, b.from)
      }
    }
    self.isWhole = isWhole
  }
}

// MARK: From legs to lanes and arrows

extension PathPicture {
  /// Cooked captures tell the sender alone: such a leg adds nothing where another tells as well where the frames went.
  private static func withoutRepeats(_ legs: [Leg]) -> [Leg] {
    legs.filter { leg in
      leg.hop.destination != nil
        || !legs.contains { $0.hop.destination != nil && $0.half == leg.half && $0.hop.source == leg.hop.source }
    }
  }

  /// Backends whose frames go different ways get pictures of their own, first those that are not in order.
  private static func groupsByBackend(_ legs: [Leg]) -> [[Leg]] {
    var ways: [MACAddress: Set<String>] = [:]
    for leg in legs {
      guard let mac = leg.backendMAC else { continue }
      ways[mac, default: []].insert("\(leg.half) \(leg.from) \(leg.to)")
    }
    var groups: [Set<String>: Set<MACAddress>] = [:]
    for (mac, way) in ways { groups[way, default: []].insert(mac) }
    guard groups.count > 1 else { return legs.isEmpty ? [] : [legs] }

    let returning = { (leg: Leg) in leg.half == .reply && leg.from == .backend && leg.to == .balancer }
    let anyReturns = legs.contains(where: returning)
    let irregular = { (leg: Leg) in returning(leg) || leg.half == .request && leg.from == .client }
    let pictures = groups.values.map { macs in legs.filter { $0.backendMAC.map(macs.contains) ?? false } }
    let ordered = pictures.sorted { a, b in
      let (first, second) = (a.contains(where: irregular), b.contains(where: irregular))
      return first != second ? first : a.compactMap(\.backendMAC).min()! < b.compactMap(\.backendMAC).min()!
    }
    return ordered.map { own in
      let shared = legs.filter { leg in
        leg.backendMAC == nil
          && (leg.half == .request || leg.from != .balancer || !anyReturns || own.contains(where: returning))
      }
      return own + shared
    }
  }

  private static func lanes(of legs: [Leg]) -> [Lane] {
    var macs: [Leg.Role: Set<MACAddress>] = [:]
    var unrecorded: Set<Half> = []
    for leg in legs {
      for (role, mac) in [(leg.from, leg.hop.source), (leg.to, leg.hop.destination)] {
        if let mac { macs[role, default: []].insert(mac) } else { unrecorded.insert(leg.half) }
      }
    }
    let known: [Lane] = [Leg.Role.client, .router, .balancer, .backend].compactMap { role in
      macs[role].map { Lane(role: role, macs: $0.sorted()) }
    }
    return known + macs[.unknown, default: []].sorted().map { Lane(role: .unknown, macs: [$0]) }
      + [Half.request, .reply].filter(unrecorded.contains).map { Lane(role: .unknown, macs: [], unrecorded: $0) }
  }

  private static func arrows(of legs: [Leg], between lanes: [Lane]) -> [Arrow] {
    let lane = { (role: Leg.Role, mac: MACAddress?, half: Half) in
      lanes.firstIndex { $0.holds(role, mac, of: half) } ?? 0
    }
    struct Pair: Hashable {
      var half: Half
      var source: MACAddress?
      var destination: MACAddress?
      var from: Int
      var to: Int
      var encapsulation: String
    }
    // A flow may pass several capture points, or a trunk in several VLANs, so of these only the one that saw most counts.
    struct Place: Hashable {
      var point: Int
      var vlan: VLANStack
    }
    var flows: [Pair: [Place: Int]] = [:]
    for leg in legs {
      let pair = Pair(
        half: leg.half, source: leg.hop.source, destination: leg.hop.destination,
        from: lane(leg.from, leg.hop.source, leg.half), to: lane(leg.to, leg.hop.destination, leg.half),
        encapsulation: leg.hop.encapsulation.text)
      flows[pair, default: [:]][Place(point: leg.hop.point, vlan: leg.hop.vlan), default: 0] += leg.flows
    }
    var arrows: [Pair: Int] = [:]
    for (pair, byPlace) in flows {
      var arrow = pair
      arrow.source = nil
      arrow.destination = nil
      arrows[arrow, default: 0] += byPlace.values.max() ?? 0
    }
    return arrows.sorted { $0.key.encapsulation < $1.key.encapsulation }.map { arrow, flows in
      Arrow(half: arrow.half, from: arrow.from, to: arrow.to, flows: flows, encapsulation: arrow.encapsulation)
    }
  }

  /// The legs that must exist if the stations are what they are taken for, and that no capture shows.
  private static func unseenArrows(besides seen: [Arrow], between lanes: [Lane]) -> [Arrow] {
    let lane = { (role: Leg.Role) in lanes.firstIndex { $0.role == role } }
    var unseen: [Arrow] = []
    if let balancer = lane(.balancer), let backend = lane(.backend) {
      let requests = seen.filter { $0.half == .request }
      if !requests.contains(where: { $0.to == backend }) {
        unseen.append(Arrow(half: .request, from: balancer, to: backend, flows: nil, encapsulation: ""))
      }
      if let client = lane(.client), !requests.contains(where: { $0.to == balancer || $0.from == client }) {
        unseen.append(Arrow(half: .request, from: client, to: balancer, flows: nil, encapsulation: ""))
      }
    }
    if let client = lane(.client) ?? lane(.router), let backend = lane(.backend),
      !seen.contains(where: { $0.half == .reply })
    {
      unseen.append(Arrow(half: .reply, from: backend, to: client, flows: nil, encapsulation: ""))
    }
    return unseen
  }
}

extension ServiceVerdict.Leg {
  /// The backend at one end of this leg.
  fileprivate var backendMAC: MACAddress? {
    from == .backend ? hop.source : to == .backend ? hop.destination : nil
  }
}

// MARK: Drawing

extension PathPicture {
  private static let mostLanes = 5
  private static let mostListed = 12
  /// Half a MAC: how far a lane's heading reaches to each side of it.
  private static let reach = 9

  private var lines: [Line] {
    let crossing = arrows.filter { $0.from != $0.to }
    guard (2...Self.mostLanes).contains(lanes.count), !crossing.isEmpty else { return listed(arrows) }
    let height = lanes.map(\.captions.count).max() ?? 0
    let captions = (0..<height).map { row in
      Line(heading { $0.captions.indices.contains(row) ? $0.captions[row] : "" })
    }
    let within = arrows.filter { $0.from == $0.to }
    return [Line(heading(\.title), .bold)] + captions + [Line(empty)] + crossing.map(drawn)
      + [Line(empty)] + listed(within) + (hasReply ? [] : [Line("No reply was seen.", .dim)])
  }

  private var hasReply: Bool { arrows.contains { $0.half == .reply } }

  /// From one lane to the next.
  private var pitch: Int { lanes.count == 2 ? 40 : min(32, 80 / (lanes.count - 1)) }

  private func column(_ lane: Int) -> Int { Self.reach + lane * pitch }

  private var blank: [Character] { Array(repeating: " ", count: column(lanes.count - 1) + Self.reach) }

  private func heading(_ text: (Lane) -> String) -> String {
    var row = blank
    for (index, lane) in lanes.enumerated() {
      let title = text(lane)
      row.place(title, at: column(index) - title.count / 2)
    }
    return row.trimmed
  }

  private var lifelines: [Character] {
    var row = blank
    for lane in lanes.indices { row[column(lane)] = "│" }
    return row
  }

  private var empty: String { lifelines.trimmed }

  private func drawn(_ arrow: Arrow) -> Line {
    var row = lifelines
    let seen = arrow.flows != nil
    let (left, right) = (column(min(arrow.from, arrow.to)), column(max(arrow.from, arrow.to)))
    for place in left + 1..<right { row[place] = seen ? "─" : "╌" }
    if arrow.from < arrow.to {
      if seen { row[left] = "├" }
      row[right - 1] = seen ? "►" : "▻"
    } else {
      if seen { row[right] = "┤" }
      row[left + 1] = seen ? "◄" : "◅"
    }
    let room = right - left - 5
    if let label = labels(of: arrow).first(where: { $0.count + 2 <= room }), !label.isEmpty {
      row.place(" \(label) ", at: (left + right - label.count) / 2)
    }
    return Line(row.trimmed, seen ? .plain : .dim)
  }

  private func labels(of arrow: Arrow) -> [String] {
    arrow.labels(counted: isWhole || lanes[arrow.from].role == .backend || lanes[arrow.to].role == .backend)
  }

  /// What does not fit a diagram: too many stations, or a leg that begins and ends at one of them.
  private func listed(_ arrows: [Arrow]) -> [Line] {
    let seen = arrows.filter { $0.flows != nil }
    let lines = seen.prefix(Self.mostListed).map { arrow in
      Line("\(end(arrow.from)) → \(end(arrow.to)): \(labels(of: arrow)[0])")
    }
    let rest = seen.count - lines.count
    return lines + (rest > 0 ? [Line("and \(rest) more; dsrproof flows lists every hop", .dim)] : [])
  }

  private func end(_ lane: Int) -> String { "\(lanes[lane].title) \(lanes[lane].captions.joined(separator: ", "))" }
}

extension [Character] {
  fileprivate mutating func place(_ text: String, at start: Int) {
    for (offset, character) in text.enumerated() where indices.contains(start + offset) {
      self[start + offset] = character
    }
  }

  fileprivate var trimmed: String {
    String(self[..<(lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)])
  }
}
