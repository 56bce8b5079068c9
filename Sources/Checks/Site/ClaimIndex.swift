import Evidence
import Wire

/// Claims by the address that they are about, and by the MAC that makes them.
struct ClaimIndex: Sendable {
  struct Seen: Sendable {
    var claim: Claim
    var tally: Tally
  }

  private var byAddress: [IPAddress: [Seen]] = [:]
  /// In order, each once.
  private var addressesByMAC: [Owned] = []
  private var questionsByAddress: [IPAddress: [Seen]] = [:]
  private var owners: [Place: SoleMAC] = [:]
  private var ownersAnywhere: [IPAddress: SoleMAC] = [:]
  /// In order.
  private var answers: [Answer] = []
  private var answered: Set<Listener> = []
  /// Points at which somebody answered for an address.
  private(set) var pointsWithAnswers: Set<Int> = []

  private struct Listener: Hashable {
    var point: Int
    var mac: MACAddress
  }

  private struct Place: Hashable {
    var address: IPAddress
    var point: Int
  }

  private struct Owned: Comparable {
    var mac: MACAddress
    var address: IPAddress

    static func < (a: Owned, b: Owned) -> Bool { (a.mac, a.address) < (b.mac, b.address) }
  }

  private struct Answer: Comparable {
    var pair: Pair
    var address: IPAddress

    static func < (a: Answer, b: Answer) -> Bool { (a.pair, a.address) < (b.pair, b.address) }
  }

  /// Who answered whom.
  private struct Pair: Comparable {
    var point: Int
    var from: MACAddress
    var to: MACAddress

    static func < (a: Pair, b: Pair) -> Bool { (a.point, a.from, a.to) < (b.point, b.from, b.to) }
  }

  init(_ evidence: Evidence) {
    // What is sorted is small: claims are moved once. A storm has a hundred thousand on one address.
    let said = evidence.claims
    let order = said.indices.map { index in
      let (claim, tally) = said[index]
      return (address: claim.address, point: claim.point, frame: tally.firstFrame, mac: claim.mac, index: index)
    }.sorted { ($0.address, $0.point, $0.frame, $0.mac) < ($1.address, $1.point, $1.frame, $1.mac) }
    var owned: [Owned] = []
    owned.reserveCapacity(order.count)
    var start = order.startIndex
    while start < order.endIndex {
      let address = order[start].address
      let end = order[start...].firstIndex { $0.address != address } ?? order.endIndex
      var all: [Seen] = []
      all.reserveCapacity(end - start)
      for place in order[start..<end] {
        let (claim, tally) = said[place.index]
        let seen = Seen(claim: claim, tally: tally)
        all.append(seen)
        // Of what text does not tell nobody is the owner.
        if !address.isUnspecified { owned.append(Owned(mac: claim.mac, address: address)) }
        if claim.kind.isAnswer, let receiver = claim.receiver {
          answers.append(Answer(pair: Pair(point: claim.point, from: claim.mac, to: receiver), address: address))
        }
      }
      note(all)
      byAddress[address] = all
      start = end
    }
    let asked = order.filter { said[$0.index].key.askedFor != nil }
    for place in asked.sorted(by: { ($0.point, $0.frame, $0.mac) < ($1.point, $1.frame, $1.mac) }) {
      let (claim, tally) = said[place.index]
      guard let address = claim.askedFor else { continue }
      questionsByAddress[address, default: []].append(Seen(claim: claim, tally: tally))
    }
    answers.sort()
    answered = Set(answers.map { Listener(point: $0.pair.point, mac: $0.pair.to) })
    pointsWithAnswers = Set(answered.map(\.point))
    owned.sort()
    addressesByMAC = owned.enumerated().filter { $0 == 0 || owned[$0 - 1] != $1 }.map(\.element)
  }

  /// Who owns the address of these claims, VRRP apart.
  private mutating func note(_ claims: [Seen]) {
    var (anywhere, here): (SoleMAC?, SoleMAC?)
    for (index, seen) in claims.enumerated() {
      let (mac, place) = (seen.claim.mac, Place(address: seen.claim.address, point: seen.claim.point))
      if index > 0, claims[index - 1].claim.point != place.point { here = nil }
      if seen.claim.kind != .vrrp {
        here = here?.adding(mac) ?? .one(mac)
        anywhere = anywhere?.adding(mac) ?? .one(mac)
      }
      let isLast = index + 1 == claims.count || claims[index + 1].claim.point != place.point
      if isLast, let here { owners[place] = here }
    }
    if let anywhere, let first = claims.first { ownersAnywhere[first.claim.address] = anywhere }
  }

  /// First seen first.
  func claims(on address: IPAddress) -> [Seen] { byAddress[address] ?? [] }

  func hasClaims(on address: IPAddress) -> Bool { !byAddress.isEmpty && byAddress[address] != nil }

  func addresses(of mac: MACAddress) -> [IPAddress] {
    let start = addressesByMAC.firstIndex(inOrder: { $0.mac >= mac })
    return addressesByMAC[start...].prefix { $0.mac == mac }.map(\.address)
  }

  /// Questions for `address`, with who asked.
  func questions(for address: IPAddress) -> [Seen] { questionsByAddress[address] ?? [] }

  /// The one MAC that claims `address` at `point`, or at any; `nil` where none or several do. VRRP apart.
  func soleOwner(of address: IPAddress, at point: Int) -> MACAddress? {
    owners[Place(address: address, point: point)]?.mac
  }

  func soleOwner(of address: IPAddress) -> MACAddress? { ownersAnywhere[address]?.mac }

  /// The lowest address other than `vip` that `mac` told `asker` it owns, as a gateway does: of `version` where that matters.
  func address(
    otherThan vip: IPAddress, of version: IPAddress.Version? = nil, toldBy mac: MACAddress, to asker: MACAddress,
    at point: Int
  ) -> IPAddress? {
    told(by: mac, to: asker, at: point).first {
      $0.address != vip && $0.address.version == version ?? $0.address.version
    }?
    .address
  }

  /// Whether anybody answered `asker` at `point`, for whatever address.
  func isAnswered(_ asker: MACAddress, at point: Int) -> Bool { answered.contains(Listener(point: point, mac: asker)) }

  /// Who answered those that ask these questions, for whatever address, by question. Looks at all answers once.
  func answerers(of questions: [Seen]) -> [Set<MACAddress>] {
    var found: [Listener: Set<MACAddress>] = [:]
    let listeners = questions.map { Listener(point: $0.claim.point, mac: $0.claim.mac) }
    for listener in listeners { found[listener] = [] }
    for answer in answers {
      let listener = Listener(point: answer.pair.point, mac: answer.pair.to)
      found[listener]?.insert(answer.pair.from)
    }
    return listeners.map { found[$0] ?? [] }
  }

  /// Whether `mac` answered for `address` when `asker` asked.
  func tells(_ mac: MACAddress, owns address: IPAddress, to asker: MACAddress, at point: Int) -> Bool {
    told(by: mac, to: asker, at: point).contains { $0.address == address }
  }

  private func told(by mac: MACAddress, to asker: MACAddress, at point: Int) -> ArraySlice<Answer> {
    let pair = Pair(point: point, from: mac, to: asker)
    return answers[answers.firstIndex(inOrder: { $0.pair >= pair })...].prefix { $0.pair == pair }
  }
}
