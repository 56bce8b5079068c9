import Wire

/// Which MAC pair of a frame in an overlay tells who sent it.
///
/// The inner one, as if it had been captured inside: all that crosses the point in the overlay is of the network that
/// this carries. But where frames of the flow cross the same point bare too, and come to the wrapping host or leave the
/// unwrapping one there, the tunnel is that host's own, as IP in IP is: then the outer pair tells.
struct Overlay {
  let links: LinkTable

  /// The records of a flow with the links that tell; `nil` where all of them stay: asked for every flow each time that flows
  /// are gone through, of which most have nothing but bare frames, or none.
  func reading(
    _ fromLower: Span<LinkRecord>, _ fromHigher: Span<LinkRecord>
  ) -> (fromLower: [LinkRecord], fromHigher: [LinkRecord])? {
    var (hasBare, hasWrapped) = (false, false)
    note(fromLower, &hasBare, &hasWrapped)
    note(fromHigher, &hasBare, &hasWrapped)
    guard hasBare, hasWrapped else { return nil }
    var halves = [Array(fromLower), Array(fromHigher)]
    for point in Set(halves.joined().map { links.link($0.link).point }) {
      let sights = halves.indices.flatMap { half in
        halves[half].map { Sight(half: half, record: $0, links) }
      }.filter { $0.link.point == point }
      guard isTunnelOfAHost(sights) else { continue }
      for half in halves.indices {
        halves[half] = halves[half].map { record in
          guard links.link(record.link).point == point, let outside = links.outsideNumbers[record.link] else {
            return record
          }
          var record = record
          record.link = outside
          return record
        }
      }
    }
    return (Self.joined(halves[0]), Self.joined(halves[1]))
  }

  private func note(_ records: Span<LinkRecord>, _ hasBare: inout Bool, _ hasWrapped: inout Bool) {
    for index in records.indices {
      if links.outsideNumbers[records[index].link] == nil { hasBare = true } else { hasWrapped = true }
    }
  }

  /// What was seen of a half at a link.
  private struct Sight {
    let half: Int
    let link: Link
    /// Around the overlay, if it is in one.
    let outside: Link?

    init(half: Int, record: LinkRecord, _ links: LinkTable) {
      self.half = half
      link = links.link(record.link)
      outside = links.outsideNumbers[record.link].map { links.link($0) }
    }
  }

  private func isTunnelOfAHost(_ sights: [Sight]) -> Bool {
    let bare = sights.filter { $0.outside == nil }
    // A mirror's copy of what passes here, or a network that goes on behind the overlay.
    let isCopied = sights.contains { sight in
      sight.outside != nil
        && bare.contains {
          $0.half == sight.half && $0.link.source == sight.link.source && $0.link.destination == sight.link.destination
        }
    }
    guard !isCopied else { return false }
    let isTied = sights.contains { sight in
      guard let outside = sight.outside else { return false }
      return bare.contains {
        outside.destination != nil && $0.link.source == outside.destination
          || outside.source != nil && $0.link.destination == outside.source
      }
    }
    return isTied && !hidesSeveralStations(sights)
  }

  /// Behind one end of the tunnel stand several: a hypervisor with its guests.
  private func hidesSeveralStations(_ sights: [Sight]) -> Bool {
    var inner: [MACAddress: MACAddress] = [:]
    for sight in sights {
      guard let outside = sight.outside else { continue }
      for (end, station) in [(outside.source, sight.link.source), (outside.destination, sight.link.destination)] {
        guard let end, let station else { continue }
        if inner.updateValue(station, forKey: end) ?? station != station { return true }
      }
    }
    return false
  }

  /// One record a link.
  private static func joined(_ records: [LinkRecord]) -> [LinkRecord] {
    var joined: [LinkRecord] = []
    for record in records {
      if let index = joined.firstIndex(where: { $0.link == record.link }) {
        joined[index].merge(record)
      } else {
        joined.append(record)
      }
    }
    return joined
  }
}
