import Evidence
import Wire

/// What a capture shows, told by those who know who sent what: the basis of what can be decided from it.
struct Sightings {
  /// A flow of the service at one interface of the capture.
  struct SeenFlow {
    var requests: [Sight] = []
    var replies: [Sight] = []
  }

  /// A legible frame.
  struct Sight {
    var sender: Int
    var receiver: Int?
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
    var isVRRP: Bool
    /// Who was told; `nil` for an announcement.
    var receiver: MACAddress?
  }

  struct Place: Hashable {
    var flow: Int
    var interface: Int
  }

  private(set) var flows: [Place: SeenFlow] = [:]
  /// Flows of which a frame is there, legible or not.
  private(set) var touched: Set<Int> = []
  /// Claims of the VIP.
  private(set) var claims: Set<Claim> = []
  /// Stations that named the VIP as their own when they asked.
  private(set) var sendersAsVIP: Set<Int> = []
  /// MACs that asked for the VIP.
  private(set) var askers: Set<MACAddress> = []
  /// Answers about addresses but the VIP.
  private(set) var told: [(interface: Int, address: IPAddress, owner: MACAddress, receiver: MACAddress)] = []
  /// Interfaces of the capture that show what a filter for the clients' direction would have hidden.
  private(set) var twoWay: Set<Int> = []
  private(set) var lastTime = 0
  let network: Network

  init(_ recording: Recording, _ network: Network) {
    self.network = network
    var ways: [Int: Set<Int>] = [:]
    for entry in recording.entries {
      let frame = entry.sent
      lastTime = max(lastTime, entry.time)
      if let talk = frame.datagram?.talk, talk < Talk.firstProbe { touched.insert(network.talks[talk].flow) }
      guard entry.isLegible else { continue }
      switch frame.content {
      case .datagram(let datagram):
        // A flow has both halves where both went by, whosever it is.
        let key = (datagram.talk * 64 + entry.interface)
        ways[key, default: []].insert(datagram.half == .request ? 0 : 1)
        if ways[key]?.count == 2, isPaired(datagram) { twoWay.insert(entry.interface) }
        note(datagram, entry)
      case .question(let address, let sender):
        if address == network.vip { askers.insert(frame.source) }
        if sender == network.vip { sendersAsVIP.insert(network.interfaces[frame.sender].station) }
      case .answer(let address, let owner, let receiver, _):
        if address == network.vip {
          claim(owner, frame, isVRRP: false, receiver: receiver)
        } else {
          told.append((entry.interface, address, owner, receiver))
        }
      case .announcement(let address, let owner, _):
        if address == network.vip { claim(owner, frame, isVRRP: false, receiver: nil) }
      case .vrrp(let address, _, _):
        twoWay.insert(entry.interface)
        if address == network.vip { claim(frame.source, frame, isVRRP: true, receiver: nil) }
      case .chatter(let sender):
        // Router solicitations are neighbour discovery, which a filter may let pass.
        if sender.version == .v4 { twoWay.insert(entry.interface) }
      }
    }
  }

  private mutating func claim(_ owner: MACAddress, _ frame: SentFrame, isVRRP: Bool, receiver: MACAddress?) {
    claims.insert(
      Claim(
        owner: owner, sender: frame.source, station: network.interfaces[frame.sender].station, isVRRP: isVRRP,
        receiver: receiver))
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
      receiver: frame.receiver.map { network.interfaces[$0].station }, source: frame.source,
      destination: frame.destination, time: entry.time, datagram: datagram)
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
    let owners = Set(claims.map(\.station))
    return !owners.isEmpty && owners.allSatisfy { network.stations[$0].role == .backend }
      && !network.scenario.namesBalancer
  }

  /// The flows of which anything shows.
  var numbers: Set<Int> { Set(flows.keys.map(\.flow)) }
}
