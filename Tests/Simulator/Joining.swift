import Evidence
import Wire

/// What a card does to segments before a capture sees them: it joins those of one direction into few large ones.
extension Recording {
  /// The most that one IP packet holds.
  private static let most = 64_000
  /// Segments further apart come in bursts of their own.
  private static let patience = 2_000_000

  private struct Run: Hashable {
    var talk: Int
    var half: Half
    var interface: Int
    var source: MACAddress
    var destination: MACAddress
  }

  /// The entries, those of which `isInto` says that a card joined them as few as that.
  static func joined(
    _ entries: [Entry], _ offload: Scenario.Offload, at station: Int, isInto: (SentFrame, Int) -> Bool
  ) -> [Entry] {
    var joined: [Entry] = []
    var open: [Run: Int] = [:]
    for entry in entries {
      guard let datagram = entry.sent.datagram, let segment = datagram.tcp, datagram.tunnel == nil,
        isInto(entry.sent, station) == (offload == .incoming)
      else {
        joined.append(entry)
        continue
      }
      let run = Run(
        talk: datagram.talk, half: datagram.half, interface: entry.interface, source: entry.sent.source,
        destination: entry.sent.destination)
      guard segment.payload > 0, segment.flags.isDisjoint(with: [.syn, .fin, .rst]) else {
        open[run] = nil
        joined.append(entry)
        continue
      }
      if let place = open[run], let longer = joined[place].absorbing(entry, within: patience, upTo: most) {
        joined[place] = longer
      } else {
        open[run] = joined.count
        joined.append(entry)
      }
    }
    return joined
  }
}

extension Recording.Entry {
  /// It with the segment of `next` behind its own; `nil` where that does not follow at once.
  fileprivate func absorbing(_ next: Recording.Entry, within patience: Int, upTo most: Int) -> Recording.Entry? {
    guard var datagram = sent.datagram, var segment = datagram.tcp, let added = next.sent.datagram,
      let more = added.tcp, segment.sequence &+ UInt32(segment.payload) == more.sequence,
      segment.acknowledgment == more.acknowledgment, datagram.ttl == added.ttl,
      segment.payload + more.payload <= most, next.time - time < patience * (datagram.absorbed.count + 1)
    else { return nil }
    segment.payload += more.payload
    segment.flags.formUnion(more.flags)
    datagram.tcp = segment
    datagram.absorbed.append(added.identification)
    var longer = self
    longer.sent.content = .datagram(datagram)
    return longer
  }
}
