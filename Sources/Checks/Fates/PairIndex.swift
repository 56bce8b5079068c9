import Evidence
import Wire

/// Between which devices frames went, by capture point: asked for every group of flows, so that it does not look at all
/// pairs each time.
struct PairIndex: Sendable {
  /// The devices that frames go to or come from at one point, and with whom each was seen.
  private struct Point: Sendable {
    var partners: [Device: Set<Device>] = [:]
    var senders: Set<Device> = []
    /// How many pairs there are. A device may make one with itself, by two of its MACs.
    var count = 0
  }

  private var points: [Int: Point] = [:]

  init(_ links: Evidence.Links, _ devices: Devices) {
    for number in 0..<UInt32(links.count) {
      let link = links[number]
      guard let source = link.source, let destination = link.destination, destination.isUnicast else { continue }
      add(devices.device(of: source), devices.device(of: destination), at: link.point)
    }
  }

  /// Pairs of devices, each with its point: for tests.
  init(_ pairs: [(Int, Device, Device)]) { for (point, one, other) in pairs { add(one, other, at: point) } }

  private mutating func add(_ one: Device, _ other: Device, at point: Int) {
    points[point, default: Point()].senders.insert(one)
    guard points[point, default: Point()].partners[one, default: []].insert(other).inserted else { return }
    points[point]?.partners[other, default: []].insert(one)
    points[point]?.count += 1
  }

  /// Frames went between two devices at `point`, and one of `devices` took part in all of them.
  func isPlace(of devices: Set<Device>, at point: Int) -> Bool {
    points[point] != nil && allTouch(devices, at: point)
  }

  /// Whether one of `devices` is in every pair at `point`.
  func allTouch(_ devices: Set<Device>, at point: Int) -> Bool {
    guard let found = points[point] else { return true }
    var touching = 0
    for device in devices {
      guard let partners = found.partners[device] else { continue }
      // Of two that are both asked for, the pair counts at the lower one. The smaller of the two sets is gone through.
      let (fewer, others) = partners.count < devices.count ? (partners, devices) : (devices, partners)
      let counted = fewer.count { $0 < device && others.contains($0) }
      touching += partners.count - counted
    }
    return touching == found.count
  }

  /// Whether the device sends at `point` what belongs to a flow.
  func sends(_ device: Device, at point: Int) -> Bool { points[point]?.senders.contains(device) ?? false }
}
