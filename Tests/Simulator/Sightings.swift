import Evidence
import Wire

/// What captures show, told by those who know who sent what: the basis of what can be decided from it.
struct Sightings {
  /// A flow of the service at one interface of a capture.
  struct SeenFlow {
    var requests: [Sight] = []
    var replies: [Sight] = []
  }

  /// A legible frame.
  struct Sight {
    var sender: Int
    var receiver: Int?
    /// What they were then.
    var senderRole: Station.Role
    var receiverRole: Station.Role?
    var source: MACAddress
    var destination: MACAddress
    var time: Int
    var datagram: Datagram
  }

  struct Claim: Hashable {
    var owner: MACAddress
    /// The Ethernet source.
    var sender: MACAddress
    var station: Int
    /// Whether its sender was a balancer then.
    var isBalancers: Bool
    var isVRRP: Bool
    /// Who was told; `nil` for an announcement.
    var receiver: MACAddress?
  }

  /// A claim of the VIP, and when it was made at which interface.
  struct Moment {
    var interface: Int
    var time: Int
    var owner: MACAddress
    var station: Int
    var isVRRP: Bool
  }

  struct Place: Hashable {
    var flow: Int
    /// Its number within the capture, and 16 more for each capture before.
    var interface: Int

    var capture: Int { interface / 16 }
  }

  private(set) var flows: [Place: SeenFlow] = [:]
  /// Flows of which a frame is there, legible or not.
  private(set) var touched: Set<Int> = []
  /// Claims of the VIP.
  private(set) var claims: Set<Claim> = []
  /// The same in the order of time, as often as they were made.
  private(set) var moments: [Moment] = []
  /// Stations that named the VIP as their own when they asked.
  private(set) var sendersAsVIP: Set<Int> = []
  /// MACs that asked for the VIP.
  private(set) var askers: Set<MACAddress> = []
  /// Stations that did, and what they were.
  private(set) var askingRoles: Set<Station.Role> = []
  /// Answers about addresses but the VIP.
  private(set) var told: [(interface: Int, address: IPAddress, owner: MACAddress, receiver: MACAddress)] = []
  /// Interfaces of the capture that show what a filter for the clients' direction would have hidden.
  private(set) var twoWay: Set<Int> = []
  private(set) var lastTime = 0
  /// A router said that the VIP is on the link of who asked it.
  private(set) var hasRedirect = false
  /// MACs that one frame shows to be of one device: its Ethernet source, and the hardware address inside.
  private(set) var tied: Set<[MACAddress]> = []
  let network: Network

  init(_ recordings: [Recording], _ network: Network) {
    self.network = network
    for (number, recording) in recordings.enumerated() { take(recording, from: number * 16) }
  }

  private mutating func take(_ recording: Recording, from base: Int) {
    var ways: [Int: Set<Int>] = [:]
    for var entry in recording.entries {
      entry.interface += base
      let frame = entry.sent
      lastTime = max(lastTime, entry.time)
      if let talk = frame.datagram?.talk, talk < Talk.firstProbe { touched.insert(network.talks[talk].flow) }
      guard entry.isLegible else { continue }
      switch frame.content {
      case .datagram(let datagram):
        // A flow has both halves where both went by, whosever it is.
        let key = (datagram.talk * 256 + entry.interface)
        ways[key, default: []].insert(datagram.half == .request ? 0 : 1)
        if datagram.ping == nil, ways[key]?.count == 2, isPaired(datagram) { twoWay.insert(entry.interface) }
        note(datagram, entry)
      case .question(let address, let sender, let owner):
        tie(frame.source, owner)
        if address == network.vip {
          askers.formUnion([frame.source, owner])
          askingRoles.insert(frame.senderRole)
        }
        if sender == network.vip { sendersAsVIP.insert(network.interfaces[frame.sender].station) }
      case .answer(let address, let owner, let receiver, _):
        tie(frame.source, owner)
        if address == network.vip {
          claim(owner, entry, isVRRP: false, receiver: receiver)
        } else {
          told.append((entry.interface, address, owner, receiver))
        }
      case .announcement(let address, let owner, _):
        tie(frame.source, owner)
        if address == network.vip { claim(owner, entry, isVRRP: false, receiver: nil) }
      case .vrrp(let address, _, _, let priority):
        twoWay.insert(entry.interface)
        // Who resigns claims nothing.
        if address == network.vip, priority > 0 { claim(frame.source, entry, isVRRP: true, receiver: nil) }
      case .redirect: hasRedirect = true
      case .chatter(let sender):
        // Router solicitations are neighbour discovery, which a filter may let pass.
        if sender.version == .v4 { twoWay.insert(entry.interface) }
      }
    }
  }

  private mutating func claim(
    _ owner: MACAddress, _ entry: Recording.Entry, isVRRP: Bool, receiver: MACAddress?
  ) {
    let frame = entry.sent
    let station = network.interfaces[frame.sender].station
    claims.insert(
      Claim(
        owner: owner, sender: frame.source, station: station, isBalancers: frame.senderRole == .balancer,
        isVRRP: isVRRP, receiver: receiver))
    moments.append(
      Moment(interface: entry.interface, time: entry.time, owner: owner, station: station, isVRRP: isVRRP))
  }

  private mutating func tie(_ source: MACAddress, _ owner: MACAddress) {
    if source != owner { tied.insert([source, owner]) }
  }

  /// A translated packet makes another flow of another pair of ends.
  private func isPaired(_ datagram: Datagram) -> Bool {
    datagram.talk >= Talk.firstProbe || network.scenario.family != .undoneByBackend
  }

  private mutating func note(_ datagram: Datagram, _ entry: Recording.Entry) {
    guard datagram.talk < Talk.firstProbe else { return }
    // Between a balancer that translates and its backend the flow bears other ends.
    guard datagram.half == .request ? datagram.destination.address == network.vip : true else { return }
    let frame = entry.sent
    let sight = Sight(
      sender: network.interfaces[frame.sender].station,
      receiver: frame.receiver.map { network.interfaces[$0].station }, senderRole: frame.senderRole,
      receiverRole: frame.receiverRole, source: frame.source, destination: frame.destination, time: entry.time,
      datagram: datagram)
    let place = Place(flow: network.talks[datagram.talk].flow, interface: entry.interface)
    switch datagram.half {
    case .request: flows[place, default: SeenFlow()].requests.append(sight)
    case .reply where datagram.source.address == network.vip || network.truths[place.flow].isAnsweredFromElsewhere:
      flows[place, default: SeenFlow()].replies.append(sight)
    case .reply: break
    }
  }

  /// Backends are the only ones that are seen to claim the VIP: as far as MACs tell, they own it.
  var areOwnersBackends: Bool {
    !claims.isEmpty && claims.allSatisfy { !$0.isBalancers && network.stations[$0.station].role == .backend }
      && !network.scenario.namesBalancer
  }

  /// The flows of which anything shows.
  var numbers: Set<Int> { Set(flows.keys.map(\.flow)) }
}
