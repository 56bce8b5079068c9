import Wire

/// Captures that saw the same conversations, as one.
public struct JointPlace: Sendable {
  /// By capture: how many nanoseconds its clock is ahead of the first one's.
  public var clocks: [Int: Int64]

  public init(clocks: [Int: Int64]) { self.clocks = clocks }
}

extension Evidence {
  /// The same with a joint point for each of `places`, which comes with a capture of its own, without frames. What is claimed
  /// at any of its captures is claimed there, by the clock of the first.
  public func joining(_ places: [JointPlace]) -> Evidence {
    if places.isEmpty { return self }
    var joined = self
    for place in places {
      let number = joined.points.count
      var summary = CaptureSummary(path: "")
      for (capture, ahead) in place.clocks {
        let first = captures[capture].firstTime?.shifted(byNanoseconds: -ahead)
        let last = captures[capture].lastTime?.shifted(byNanoseconds: -ahead)
        summary.firstTime = [summary.firstTime, first].compactMap(\.self).min()
        summary.lastTime = [summary.lastTime, last].compactMap(\.self).max()
      }
      joined.captures.append(summary)
      joined.points.append(CapturePoint(capture: joined.captures.count - 1, interface: 0))
      joined.jointPoints.append(number)
      for (claim, tally) in claims {
        guard let ahead = place.clocks[points[claim.point].capture] else { continue }
        let tally = tally.shifted(byNanoseconds: -ahead)
        var claim = claim
        claim.point = number
        joined.claimSample.add(tally, of: claim)
      }
    }
    return joined
  }
}
