import Evidence
import PacketBuilder
import Wire

/// What a capture at the scenario's vantage holds of the frames that the network carried.
struct Recording {
  struct Entry {
    /// The frame as it was sent.
    var sent: SentFrame
    /// The capture's interface.
    var interface: Int
    /// Nanoseconds since the network began.
    var time: Int
    /// It was cut before what it says was captured.
    var isLegible: Bool
  }

  private(set) var entries: [Entry] = []
  let linkType: LinkType
  private(set) var interfaceCount = 1
  private let network: Network
  private let scenario: Scenario
  private let damage: Damage

  /// Seconds by which its clock is ahead.
  private let clock: Int

  /// All captures that were taken at the time.
  static func all(of network: Network) -> [Recording] {
    let others = network.scenario.companions.enumerated().map { number, companion in
      var scenario = network.scenario
      (scenario.vantage, scenario.stand) = (companion.vantage, companion.stand)
      // What one capture misses another may hold.
      scenario.seed ^= UInt64(number + 1) << 32
      return Recording(of: network, as: scenario, clock: companion.clock)
    }
    return [Recording(of: network)] + others
  }

  init(of network: Network) { self.init(of: network, as: network.scenario) }

  /// As if `scenario` had been drawn, whose vantage or damage may be another.
  init(of network: Network, as scenario: Scenario, clock: Int = 0) {
    self.clock = clock
    self.network = network
    self.scenario = scenario
    damage = scenario.damage
    linkType =
      switch damage.link {
      case .ethernet: .ethernet
      case .sll: .linuxSLL
      case .sll2: .linuxSLL2
      }
    var dice = Dice(seed: scenario.seed ^ 0x6361_7074_7572_6500)
    collect()
    if let offload = scenario.offload { entries = Self.joined(entries, offload, at: standing) { isInto($0, $1) } }
    lose(&dice)
    double(&dice)
    if damage.reorders { reorder(&dice) }
  }

  // MARK: Which frames pass

  private mutating func collect() {
    switch scenario.vantage {
    case .mirror:
      let shown = scenario.hasTwoNetworks ? [Network.front, Network.back] : [Network.front]
      take { shown.contains($0.segment) ? 0 : nil }
    case .trunk: take { _ in 0 }
    case .client, .behindRouter, .backend, .balancer: take(at: standing)
    }
  }

  private mutating func take(at station: Int) {
    let own = network.stations[station].interfaces
    interfaceCount = own.count
    for frame in network.frames {
      for (number, interface) in own.enumerated() {
        let isHere =
          frame.sender == interface || frame.receiver == interface
          || frame.isToGroup && !scenario.isFabric && frame.segment == network.interfaces[interface].segment
        if isHere { add(scenario.isFabric && frame.sender != interface ? asFromFabric(frame) : frame, number) }
      }
    }
  }

  private func isInto(_ frame: SentFrame, _ station: Int) -> Bool {
    frame.receiver.map { network.interfaces[$0].station == station } ?? false
  }

  private func asFromFabric(_ frame: SentFrame) -> SentFrame {
    var frame = frame
    frame.source = Network.fabricMAC
    if let receiver = frame.receiver { frame.destination = network.interfaces[receiver].mac }
    return frame
  }

  private mutating func take(_ interface: (SentFrame) -> Int?) {
    for frame in network.frames {
      if let number = interface(frame) { add(frame, number) }
    }
  }

  private mutating func add(_ frame: SentFrame, _ interface: Int) {
    guard passesFilter(frame) else { return }
    let needed = linkLength(frame) + frame.neededLength
    entries.append(
      Entry(
        sent: frame, interface: interface, time: frame.time,
        isLegible: damage.snapLength == 0 || damage.snapLength >= needed))
  }

  private func passesFilter(_ frame: SentFrame) -> Bool {
    let vip = network.vip
    if damage.direction != .both, let datagram = frame.datagram {
      let (source, destination) =
        datagram.tunnel.map { ($0.source, $0.destination) } ?? (datagram.source.address, datagram.destination.address)
      return damage.direction == .requests ? destination == vip : source == vip
    }
    if damage.direction != .both { return damage.filter == .hostOrARP && frame.resolvesAddress }
    switch damage.filter {
    case .none: return true
    case .host: return frame.addresses.contains(vip)
    case .hostOrARP: return frame.resolvesAddress || frame.addresses.contains(vip)
    }
  }

  // MARK: What goes wrong

  private mutating func lose(_ dice: inout Dice) {
    let start = Int(damage.startsAt * 1e9)
    entries = entries.filter { entry in
      if entry.time < start { return false }
      return damage.loss == 0 || !dice.chance(damage.loss)
    }
  }

  private mutating func double(_ dice: inout Dice) {
    guard damage.duplicates > 0 else { return }
    entries = entries.flatMap { entry -> [Entry] in
      guard dice.chance(damage.duplicates) else { return [entry] }
      var again = entry
      again.time += 2000
      return [entry, again]
    }
  }

  /// Neighbours change places, as where several queues feed one capture: the file is not in the order of time.
  private mutating func reorder(_ dice: inout Dice) {
    guard entries.count > 1 else { return }
    for index in 1..<entries.count where dice.chance(0.1) && entries[index].time - entries[index - 1].time < 1_000_000 {
      entries.swapAt(index - 1, index)
    }
  }

  // MARK: Bytes

  /// 2024-03-01 12:00:00 UTC.
  private static let start = 1_709_294_400

  private func timestamp(_ time: Int) -> Timestamp {
    Timestamp(
      seconds: UInt32(Self.start + clock + time / 1_000_000_000), nanoseconds: UInt32(time % 1_000_000_000))
  }

  private func linkLength(_ frame: SentFrame) -> Int {
    switch damage.link {
    case .ethernet: damage.hasTags ? 18 : 14
    case .sll: 16
    case .sll2: 20
    }
  }

  private func link(_ entry: Entry) -> Packet {
    let frame = entry.sent
    if damage.link == .ethernet {
      let vlan = network.segments[frame.segment].vlan
      return .ethernet(from: frame.source, to: frame.destination, vlan: damage.hasTags ? vlan : nil)
    }
    let own = network.stations[standing].interfaces
    let direction: CookedLayer.Direction =
      own.contains(frame.sender) && frame.sender == own[entry.interface]
      ? .fromUs : !frame.isToGroup ? .toUs : frame.destination == .broadcast ? .broadcast : .multicast
    return damage.link == .sll
      ? .sll(direction, from: frame.source)
      : .sll2(direction, from: frame.source, interface: UInt32(entry.interface + 2))
  }

  /// The station where it was taken; for a mirror, the balancer.
  var standing: Int {
    switch scenario.vantage {
    case .client, .behindRouter: return network.clients[scenario.stand % network.clients.count]
    case .backend:
      let servers = network.backends.isEmpty ? network.nodes : network.backends
      return servers[scenario.stand % servers.count]
    case .balancer, .mirror, .trunk:
      return network.nodes.isEmpty ? network.backends[0] : network.nodes[scenario.stand % network.nodes.count]
    }
  }

  private func bytes(_ entry: Entry) -> [UInt8] { (link(entry) / entry.sent.packet).bytes }

  /// The entries of each file, which adjoin.
  private var parts: [ArraySlice<Entry>] {
    (0..<scenario.parts).map { part in
      entries[entries.count * part / scenario.parts..<entries.count * (part + 1) / scenario.parts]
    }
  }

  /// What each file of the capture shows, as `verify` reads it; several bear one name.
  func captureParts(number: Int) -> [CapturePart] {
    let stem = "simulated\(number > 0 ? "-\(number)" : "")"
    return parts.enumerated().map { part, entries in
      var evidence = Evidence()
      let path = "\(stem)\(part > 0 ? ".\(part)" : "").pcap"
      add(entries, to: &evidence, path: path)
      let linkTypes = Array(repeating: linkType, count: damage.link == .ethernet ? interfaceCount : 1)
      return CapturePart(
        evidence: evidence, path: path, name: scenario.parts > 1 ? stem : nil, lastFrame: UInt64(entries.count),
        interfaces: linkTypes.map { CapturePart.Interface(name: "", origin: "", linkType: $0) })
    }
  }

  private func add(_ entries: ArraySlice<Entry>, to evidence: inout Evidence, path: String) {
    var bytes: [UInt8] = []
    var frames: [Frame] = []
    frames.reserveCapacity(entries.count)
    for (number, entry) in entries.enumerated() {
      let whole = self.bytes(entry)
      let captured = damage.snapLength > 0 ? min(damage.snapLength, whole.count) : whole.count
      frames.append(
        Frame(
          offset: bytes.count, capturedLength: captured, wireLength: whole.count, time: timestamp(entry.time),
          interface: damage.link == .ethernet ? entry.interface : 0, number: UInt64(number + 1)))
      bytes += whole[..<captured]
    }
    let capture = evidence.beginCapture(path: path)
    let linkTypes = Array(repeating: linkType, count: damage.link == .ethernet ? interfaceCount : 1)
    evidence.observe(frames.span, in: bytes.span, capture: capture, linkTypes: linkTypes)
    evidence.endCapture(
      capture, linkTypes: [linkType], interfaces: linkTypes.map { _ in "" }, dropped: nil, truncatedAt: nil)
  }

  /// The capture as files. Where it has several interfaces, the frames of all of them, as a pcap file has but one.
  var files: [[UInt8]] {
    parts.map { entries in
      var writer = PcapWriter(
        linkType: linkType, precision: .nanoseconds, snapLength: damage.snapLength == 0 ? 262_144 : damage.snapLength)
      for entry in entries { writer.write(TimedFrame(bytes(entry), at: timestamp(entry.time))) }
      return writer.bytes
    }
  }
}
