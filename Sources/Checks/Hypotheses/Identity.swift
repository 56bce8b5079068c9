import Wire

/// Why a device is the balancer, as far as the service as a whole tells.
struct Identity: Hashable, Sendable {
  /// Best first.
  enum Known: Int, Comparable, Sendable {
    case named
    case ownTables
    case handsOn
    case announcesByVRRP
    case onlyOwner
    case ownerInTurn

    static func < (a: Known, b: Known) -> Bool { a.rawValue < b.rawValue }

    var description: String {
      switch self {
      case .named: "named by the user"
      case .ownTables: "has this MAC by the tables of its host"
      case .handsOn: "was seen to pass requests on"
      case .announcesByVRRP: "announces the VIP by VRRP"
      case .onlyOwner: "is the only owner of the VIP that was seen"
      case .ownerInTurn: "claims the VIP and hands requests on"
      }
    }
  }

  var known: Known
  /// What it takes for granted.
  var assumptions: Set<Assumption>

  /// Nothing speaks for it but that it owns the VIP.
  var isOwnerOnly: Bool { known == .onlyOwner }
  /// Frames, tables or the user show that it hands requests on: it is no plain server.
  var isSeenToBalance: Bool { known <= .handsOn }
}

/// Why a device is a backend, best first.
enum BackendIdentity: Hashable, Comparable, Sendable {
  case named(NamedStations.Source)
  /// It claims an address that is named as a backend's.
  case claims(IPAddress, NamedStations.Source)
  /// The balancer hands it requests.
  case served
  /// It answers flows that a known balancer takes, and its replies do not cross that balancer.
  case answers

  var description: String {
    switch self {
    case .named(let source): "named by \(source.description)"
    case .claims(let address, let source): "claims \(address), named by \(source.description)"
    case .served: "gets requests from the balancer"
    case .answers: "answers for the VIP"
    }
  }

  /// The user or a table says so.
  var isNamed: Bool {
    switch self {
    case .named, .claims: true
    case .served, .answers: false
    }
  }
}
