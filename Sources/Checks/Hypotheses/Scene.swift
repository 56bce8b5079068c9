import Evidence
import Wire

/// One journey, with all that is needed to ask who may be the balancer on it.
final class Scene: Sendable {
  let group: FlowGroup
  let journey: Journey
  let cast: Cast
  let site: SiteMap
  let point: PointFacts
  let service: ServicePattern
  /// The user named the service, and with it a balancer.
  let isServiceNamed: Bool
  /// Backends that have a reason of their own to ask for a balancer's address: they talk to it.
  let talks: Talks
  /// Who is taken for the balancer: one that is known, or the one that the journey itself points to.
  let presumed: Presumption
  let circumstances: Circumstances
  /// Those who are taken for the balancer, on this journey or elsewhere.
  let balancers: Set<Device>
  /// The balancers that the journey shows, or all where it shows none.
  let balancersHere: Set<Device>

  /// Who the balancer is by this journey alone.
  enum Presumption: Sendable {
    /// One of these, which all read alike.
    case devices(Set<Device>, Set<Assumption>)
    case nobody(Doubt)
    /// A balancer is known already.
    case unneeded
  }

  init(
    _ group: FlowGroup, _ journey: Journey, _ cast: Cast, _ site: SiteMap, _ point: PointFacts,
    _ service: ServicePattern, isServiceNamed: Bool, talks: Talks
  ) {
    (self.group, self.journey, self.cast, self.site, self.point) = (group, journey, cast, site, point)
    (self.service, self.isServiceNamed, self.talks) = (service, isServiceNamed, talks)
    circumstances = Circumstances(group, journey, cast, site, service.address)
    presumed = cast.balancers.isEmpty ? circumstances.presumption(point) : .unneeded
    if case .devices(let devices, _) = presumed { balancers = devices } else { balancers = Set(cast.balancers.keys) }
    let here = balancers.filter { journey.requests.devices.contains($0) || journey.replies.devices.contains($0) }
    balancersHere = here.isEmpty ? balancers : here
  }

  var vip: IPAddress { service.address }

  /// Why `device` is taken for the balancer; `nil` where nothing speaks for it.
  func assumptions(of device: Device) -> Set<Assumption>? {
    if let identity = cast.balancers[device] { return identity.assumptions }
    if case .devices(let presumed, let assumptions) = presumed, presumed.contains(device) { return assumptions }
    return nil
  }

  /// One that is taken for the balancer on this journey, and that a reply of the flow passes on another, where nothing tells
  /// that it is the balancer.
  func balancerPassed(in others: [Scene]) -> Device? {
    guard others.count > 1 else { return nil }
    let here = balancers.filter { journey.requests.devices.contains($0) }
    return others.lazy.filter { [journey] in $0.journey.point != journey.point }
      .compactMap { $0.journey.replying.intersection(here).min() }.first
  }

  var suspects: Set<Suspect> {
    var found: Set<Suspect> = [.unseen, .nobody]
    // Of a flow that somebody made up to pass thousands of devices, only the balancers count.
    if !journey.isCrowded {
      for device in journey.requesting.union(journey.replying) { found.insert(.device(device)) }
    }
    for device in balancers {
      found.insert(.device(device))
      guard !journey.isCrowded, way(of: device).isDirect else { continue }
      if !journey.replies.legs.isEmpty { found.insert(.crossedBefore(device)) }
      for other in journey.replying where other != device { found.insert(.twin(device, other)) }
    }
    return found
  }
}
