import Wire

/// Two owners of the VIP at once, as captures show them.
extension Sightings {
  /// Two masters advertise the VIP by turns for longer than three intervals, or two owners answer for it, or announce it, by
  /// turns for longer than a second: at one interface, and so often that no change to and fro explains it. A master that is
  /// silent for three intervals may have been one no more (RFC 9568 section 6.1).
  var isContestShown: Bool {
    // Each part is judged as a capture of its own.
    guard network.scenario.cluster?.isSplit ?? false, network.scenario.parts < 2 else { return false }
    return Set(moments.map(\.interface)).contains { interface in
      let here = moments.filter { $0.interface == interface }
      let speakers = here.filter(\.isVRRP).map { (time: $0.time, who: UInt64($0.station)) }
      let owners = here.filter { !$0.isVRRP }.map { (time: $0.time, who: $0.owner.rawValue) }
      return Self.unbroken(speakers, by: 3_500_000_000).contains { Self.alternates($0, over: 3_500_000_000) }
        || Self.alternates(owners, over: 1_500_000_000)
    }
  }

  /// Cut where somebody speaks again after a silence as long as `gap`.
  private static func unbroken(_ heard: [(time: Int, who: UInt64)], by gap: Int) -> [[(time: Int, who: UInt64)]] {
    var last: [UInt64: Int] = [:]
    var stretches: [[(time: Int, who: UInt64)]] = [[]]
    for one in heard.sorted(by: { $0.time < $1.time }) {
      if let before = last[one.who], one.time - before > gap { stretches.append([]) }
      last[one.who] = one.time
      stretches[stretches.count - 1].append(one)
    }
    return stretches
  }

  /// Whether two take turns six times and more, and both are heard for longer than `span`.
  private static func alternates(_ heard: [(time: Int, who: UInt64)], over span: Int) -> Bool {
    let heard = heard.sorted { $0.time < $1.time }
    let turns = zip(heard, heard.dropFirst()).filter { $0.who != $1.who }
    guard turns.count >= 6, let first = turns.first, let last = turns.last else { return false }
    return last.0.time - first.1.time > span
  }
}
