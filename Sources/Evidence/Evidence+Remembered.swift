public import Wire

extension Evidence {
  /// What stays true of addresses when the frames are forgotten: who said last that each is his, and who asked for it last.
  /// Nothing of flows, errors and pings, and of each claim its last moment. It is the only capture, of this path. Where two said
  /// so within a second, nobody is remembered; nor is whoever bears one of the MACs `besides`.
  ///
  /// Whoever watches for days needs it: a host that talks all the time asks for an address once.
  public func remembered(as path: String, besides: Set<MACAddress> = []) -> Evidence {
    var memory = Evidence()
    _ = memory.beginCapture(path: path)
    memory.captures[0].linkTypes = captures.first?.linkTypes ?? []
    memory.captures[0].interfaces = captures.first?.interfaces ?? []
    memory.points = points.map { CapturePoint(capture: 0, interface: $0.interface) }
    memory.pointsWithMulticast = pointsWithMulticast
    for claim in lastClaims(besides: besides) {
      guard let tally = claims[claim] else { continue }
      memory.claimSample.add(Tally(frame: 1, time: tally.lastTime), of: claim)
    }
    return memory
  }

  private struct Subject: Hashable {
    var point: Int
    var address: IPAddress
    /// Who answers is one thing, and who speaks VRRP another.
    var isVRRP: Bool
  }

  private struct Owner: Hashable {
    var mac: MACAddress
    var speaker: IPAddress?
  }

  /// The claims of the last owner of each address, and the questions for these.
  private func lastClaims(besides: Set<MACAddress>) -> [Claim] {
    var times: [Subject: [Owner: Timestamp]] = [:]
    for (claim, tally) in claims where !claim.kind.isSender && !besides.contains(claim.mac) {
      let subject = Subject(point: claim.point, address: claim.address, isVRRP: claim.kind == .vrrp)
      let owner = Owner(mac: claim.mac, speaker: claim.speaker)
      let known = times[subject]?[owner] ?? .earliest
      times[subject, default: [:]][owner] = max(known, tally.lastTime)
    }
    let last = times.compactMapValues { owners -> Owner? in
      guard let latest = owners.values.max() else { return nil }
      let these = owners.filter { latest.seconds(since: $0.value) <= 1 }
      return these.count == 1 ? these.keys.first : nil
    }
    return claims.keys.filter { claim in
      if let asked = claim.askedFor {
        return last[Subject(point: claim.point, address: asked, isVRRP: false)] != nil
      }
      let subject = Subject(point: claim.point, address: claim.address, isVRRP: claim.kind == .vrrp)
      return last[subject] == Owner(mac: claim.mac, speaker: claim.speaker)
    }
  }
}
