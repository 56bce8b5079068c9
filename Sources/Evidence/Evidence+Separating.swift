package import Wire

/// Networks that have nothing to do with each other, and were captured in one place.
package struct NetworkParts: Sendable {
  /// The part of each link, by its number; 0 is what stays where it was captured.
  package var ofLinks: [Int]
  /// The part of each network, as far as it is not 0.
  package var ofNetworks: [OverlayNetwork: Int]

  package init(ofLinks: [Int], ofNetworks: [OverlayNetwork: Int]) {
    (self.ofLinks, self.ofNetworks) = (ofLinks, ofNetworks)
  }
}

extension Evidence {
  /// Whether a tunnel tells networks apart here.
  package var hasNetworks: Bool {
    linkTable.encapsulations.contains { !OverlayNetwork($0.value).isBare }
      || claims.keys.contains { !$0.network.isBare }
  }

  /// The same with what was seen in each part at points of its own, as if each had been captured by itself. `network` is what
  /// that of a claim counts as.
  package func separating(
    _ parts: NetworkParts, _ network: (OverlayNetwork) -> OverlayNetwork
  ) -> Evidence {
    struct Place: Hashable {
      var point: Int
      var part: Int
    }
    var separated = self
    var (points, withMulticast) = (points, pointsWithMulticast)
    var numbers: [Place: Int] = [:]
    func number(_ point: Int, _ part: Int) -> Int {
      if part == 0 { return point }
      let place = Place(point: point, part: part)
      if let known = numbers[place] { return known }
      let number = points.count
      points.append(points[point])
      if withMulticast.contains(point) { withMulticast.insert(number) }
      numbers[place] = number
      return number
    }
    if !parts.ofNetworks.isEmpty {
      separated.linkTable.movePoints { link, point in number(point, parts.ofLinks[link]) }
    }
    // In their order, for points are numbered as they come.
    separated.claimSample = claimSample.mapped(inOrder: true) { claim in
      var claim = claim
      claim.network = network(claim.network)
      claim.point = number(claim.point, parts.ofNetworks[claim.network] ?? 0)
      return claim
    }
    (separated.points, separated.pointsWithMulticast) = (points, withMulticast)
    for (place, number) in numbers { separated.partsOfPoints[number] = place.part }
    return separated
  }
}
