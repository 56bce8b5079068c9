import Checks
import Evidence
import Wire

/// The way that frames of a service took, to be drawn as a sequence diagram: one lane a station, one arrow a leg. A leg
/// that must exist but was not seen is an arrow without flows.
struct PathDrawing {
  typealias Leg = ServiceVerdict.Leg

  let lanes: [Lane]
  let arrows: [Arrow]
  /// Whether this drawing shows every flow; one of several shows only those of its own backends.
  let isWhole: Bool

  /// The stations of one known role with all their MACs, or one station of unknown role, or the unrecorded end of one half's frames.
  struct Lane {
    var role: Leg.Role
    var macs: [MACAddress]
    /// A device may have several MACs.
    var devices: Int
    /// Where no MAC was recorded, two halves need not have met the same station.
    var unrecorded: Half?
    /// It stands for clients besides, whose MACs are not named.
    var hasOthers = false

    var title: String {
      if role == .unknown { return "not identified" }
      return devices > 1 || hasOthers ? role.rawValue + "s" : role.rawValue
    }

    /// At most three lines of addresses.
    var captions: [String] {
      if unrecorded != nil { return ["MAC not recorded"] }
      let texts = macs.map(\.description)
      if hasOthers { return texts.prefix(2) + ["and others"] }
      return texts.count <= 3 ? texts : texts.prefix(2) + ["and \(texts.count - 2) more"]
    }
  }

  struct Arrow {
    var half: Half
    var from: Int
    var to: Int
    /// `nil` for a leg that was not seen.
    var flows: Int?
    var encapsulation = ""
    /// What is wrong with its flows.
    var fault: Leg.Fault?

    /// What to write on the arrow, fullest first.
    func labels(counted withCount: Bool) -> [String] {
      let texts = plainLabels(counted: withCount)
      guard let fault else { return texts }
      guard let flows else { return [fault.words, ""] }
      let counts = withCount ? ["\(fault.words) ×\(flows)"] : []
      return texts.filter { !$0.isEmpty }.prefix(2).map { "\($0), \(fault.words)" } + counts + [fault.words, ""]
    }

    private func plainLabels(counted withCount: Bool) -> [String] {
      guard let flows else { return ["\(half.rawValue) not seen", "not seen", "?"] }
      let tunnel = encapsulation.isEmpty ? "" : " in \(encapsulation)"
      guard withCount else { return [half.rawValue + tunnel, half.rawValue, ""] }
      return [
        "\(half.rawValue), \(counted(flows, "flow"))\(tunnel)", "\(half.rawValue) ×\(flows)\(tunnel)", half.rawValue,
        "",
      ]
    }
  }
}

// MARK: In words

extension PathDrawing {
  /// What is said below a drawing without a reply; `nil` where there is one.
  var remark: String? { arrows.contains { $0.half == .reply } ? nil : "No reply was seen." }

  static let mostLanes = 5
  private static let mostListed = 12

  /// The arrows that go from one lane to another; none where there are too many lanes to draw.
  var crossing: [Arrow] { (2...Self.mostLanes).contains(lanes.count) ? arrows.filter { $0.from != $0.to } : [] }

  /// What does not fit a diagram, a line each: too many stations, or a leg that begins and ends at one of them.
  var listed: [String] {
    let seen = arrows.filter { $0.flows != nil && (crossing.isEmpty || $0.from == $0.to) }
    let lines = seen.prefix(Self.mostListed).map { "\(end($0.from)) → \(end($0.to)): \(labels(of: $0)[0])" }
    let rest = seen.count - lines.count
    return lines + (rest > 0 ? ["and \(rest) more; dsrproof flows lists every link"] : [])
  }

  func labels(of arrow: Arrow) -> [String] {
    arrow.labels(counted: isWhole || lanes[arrow.from].role == .backend || lanes[arrow.to].role == .backend)
  }

  private func end(_ lane: Int) -> String { "\(lanes[lane].title) \(lanes[lane].captions.joined(separator: ", "))" }
}

extension ServiceVerdict.Leg.Fault {
  var words: String {
    switch self {
    case .viaBalancer: "via the balancer"
    case .bypass: "bypassed"
    case .refused: "refused"
    case .reset: "reset by the balancer"
    case .unanswered: "no answer"
    }
  }
}
