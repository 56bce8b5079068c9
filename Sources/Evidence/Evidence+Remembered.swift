import Wire

extension Evidence {
  /// What stays true of addresses when the frames are forgotten: who said last that each is his, and who asked for it last.
  /// Nothing of flows, errors and pings, and of each claim its last moment. It is the only capture, of this path.
  ///
  /// Whoever watches for days needs it: a host that talks all the time asks for an address once.
  public func remembered(as path: String) -> Evidence {
    var memory = Evidence()
    _ = memory.beginCapture(path: path)
    memory.captures[0].linkTypes = captures.first?.linkTypes ?? []
    memory.captures[0].interfaces = captures.first?.interfaces ?? []
    memory.points = points.map { CapturePoint(capture: 0, interface: $0.interface) }
    memory.pointsWithMulticast = pointsWithMulticast
    for claim in lastClaims {
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
  private var lastClaims: [Claim] {
    var latest: [Subject: (owner: Owner, time: Timestamp)] = [:]
    for (claim, tally) in claims where !claim.kind.isSender {
      let subject = Subject(point: claim.point, address: claim.address, isVRRP: claim.kind == .vrrp)
      let owner = Owner(mac: claim.mac, speaker: claim.speaker)
      // Of two at once the lower MAC, in whatever order they come.
      if let known = latest[subject], (known.time, owner.mac) > (tally.lastTime, known.owner.mac) { continue }
      latest[subject] = (owner, tally.lastTime)
    }
    return claims.keys.filter { claim in
      if let asked = claim.askedFor {
        return latest[Subject(point: claim.point, address: asked, isVRRP: false)] != nil
      }
      let subject = Subject(point: claim.point, address: claim.address, isVRRP: claim.kind == .vrrp)
      return latest[subject]?.owner == Owner(mac: claim.mac, speaker: claim.speaker)
    }
  }
}
