import Evidence
import Wire

/// Claims by the address that they are about, and by the MAC that makes them.
struct ClaimIndex: Sendable {
  struct Seen: Sendable {
    var claim: Claim
    var tally: Tally
  }

  private var byAddress: [IPAddress: [Seen]] = [:]
  private var addressesByMAC: [MACAddress: [IPAddress]] = [:]
  private var questionsByAddress: [IPAddress: [Seen]] = [:]
  private var owners: [Place: Owner] = [:]
  private var ownersAnywhere: [IPAddress: Owner] = [:]
  private var answers: [Answer: [IPAddress]] = [:]
  private var answered: Set<Listener> = []

  private struct Listener: Hashable {
    var point: Int
    var mac: MACAddress
  }

  private struct Place: Hashable {
    var address: IPAddress
    var point: Int
  }

  private enum Owner {
    case one(MACAddress)
    case several

    func adding(_ mac: MACAddress) -> Owner {
      guard case .one(let known) = self, known == mac else { return .several }
      return self
    }

    var sole: MACAddress? {
      guard case .one(let mac) = self else { return nil }
      return mac
    }
  }

  private struct Answer: Hashable {
    var point: Int
    var from: MACAddress
    var to: MACAddress
  }

  init(_ evidence: Evidence) {
    // What is sorted is small: claims are moved once.
    let order = evidence.claims.indices.map { index in
      let (claim, tally) = evidence.claims[index]
      return (point: claim.point, frame: tally.firstFrame, mac: claim.mac, index: index)
    }.sorted { ($0.point, $0.frame, $0.mac) < ($1.point, $1.frame, $1.mac) }
    addressesByMAC.reserveCapacity(order.count)
    for place in order {
      let (claim, tally) = evidence.claims[place.index]
      let seen = Seen(claim: claim, tally: tally)
      byAddress[claim.address, default: []].append(seen)
      addressesByMAC[claim.mac, default: []].append(claim.address)
      if let asked = claim.askedFor { questionsByAddress[asked, default: []].append(seen) }
      if claim.kind.isAnswer, let receiver = claim.receiver {
        answers[Answer(point: claim.point, from: claim.mac, to: receiver), default: []].append(claim.address)
      }
      guard claim.kind != .vrrp else { continue }
      let place = Place(address: claim.address, point: claim.point)
      owners[place] = owners[place]?.adding(claim.mac) ?? .one(claim.mac)
      ownersAnywhere[claim.address] = ownersAnywhere[claim.address]?.adding(claim.mac) ?? .one(claim.mac)
    }
    for answer in answers.keys { answers[answer]?.sort() }
    answered = Set(answers.keys.map { Listener(point: $0.point, mac: $0.to) })
    addressesByMAC = addressesByMAC.mapValues { $0.count > 1 ? Set($0).sorted() : $0 }
  }

  /// First seen first.
  func claims(on address: IPAddress) -> [Seen] { byAddress[address] ?? [] }

  func hasClaims(on address: IPAddress) -> Bool { !byAddress.isEmpty && byAddress[address] != nil }

  func addresses(of mac: MACAddress) -> [IPAddress] { addressesByMAC[mac] ?? [] }

  /// Questions for `address`, with who asked.
  func questions(for address: IPAddress) -> [Seen] { questionsByAddress[address] ?? [] }

  /// The one MAC that claims `address` at `point`, or at any; `nil` where none or several do. VRRP apart.
  func soleOwner(of address: IPAddress, at point: Int) -> MACAddress? {
    owners[Place(address: address, point: point)]?.sole
  }

  func soleOwner(of address: IPAddress) -> MACAddress? { ownersAnywhere[address]?.sole }

  /// The lowest address other than `vip` that `mac` told `asker` it owns, as a gateway does: of `version` where that matters.
  func address(
    otherThan vip: IPAddress, of version: IPAddress.Version? = nil, toldBy mac: MACAddress, to asker: MACAddress,
    at point: Int
  ) -> IPAddress? {
    answers[Answer(point: point, from: mac, to: asker)]?.first { $0 != vip && $0.version == version ?? $0.version }
  }

  /// Whether anybody answered `asker` at `point`, for whatever address.
  func isAnswered(_ asker: MACAddress, at point: Int) -> Bool { answered.contains(Listener(point: point, mac: asker)) }

  /// Whether `mac` answered for `address` when `asker` asked.
  func tells(_ mac: MACAddress, owns address: IPAddress, to asker: MACAddress, at point: Int) -> Bool {
    answers[Answer(point: point, from: mac, to: asker)]?.contains(address) ?? false
  }
}
