import Evidence
import Wire

/// Which captures saw the same conversations, and where flows meet in them: never by time, and by ports only where the
/// numbers that the ends count by agree. `docs/verdict.md` has the rules.
struct Joins {
  /// Captures that saw the same conversations, by the first of which the clocks of the others are told; and captures that saw
  /// the two directions of one at interfaces of their own.
  private(set) var places: [JointPlace] = []
  /// How far each capture's clock is ahead, where that is told.
  private(set) var clocks: [Int: Clock] = [:]
  private var placeOfCapture: [Int: Int] = [:]
  /// What was seen of a flow where its client has another address, as behind a router that translates.
  private var translated: [Flow: [Sighting]] = [:]
  private var inner: Set<Flow> = []
  /// There are several captures, or one of several interfaces.
  let isNeeded: Bool
  private let links: Evidence.Links
  private let captureOfPoint: [Int]
  private let textCaptures: Set<Int>

  /// A capture's clock against that of another.
  struct Clock {
    /// Nanoseconds.
    var ahead: Int64
    /// The capture that it is held against.
    var of: Int
    /// Frames that both saw tell it; else what one saw and the other saw next.
    var isByFramesOfBoth: Bool
    var conversations: Int
  }

  private struct Pair: Hashable {
    var one: Int
    var other: Int
  }

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    let hasInterfaces = evidence.points.contains { $0.interface > 0 }
    isNeeded = evidence.captures.count > 1 || hasInterfaces
    links = evidence.links
    captureOfPoint = evidence.points.map(\.capture)
    textCaptures = Set(evidence.captures.indices.filter { evidence.captures[$0].linkTypes.contains(where: \.isText) })
    guard isNeeded else { return }
    var samples: [Pair: ClockSamples] = [:]
    var split: Set<Int> = []
    var starts = TranslatedFlows()
    let (links, captures, textCaptures) = (links, captureOfPoint, textCaptures)
    let capture = { (record: LinkRecord) in captures[links.point(of: record.link)] }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      // What any conversation tells of clocks counts, and of those to services besides where they meet.
      let isShared = Self.isShared(fromLower, fromHigher, capture)
      let (flow, serverIsLower) = index.flow(transport, lower, higher, fromLower, fromHigher)
      let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
      if index.isService(transport, flow.server) {
        starts.note(flow, requests, replies)
        if hasInterfaces, let capture = Self.splitCapture(requests, replies, links, captures) { split.insert(capture) }
      }
      guard isShared else { return }
      let sightings = Sighting.all(transport, requests, replies, textCaptures: textCaptures, capture: capture)
      for (number, one) in sightings.enumerated() {
        for other in sightings[(number + 1)...] where one.conversation.isSame(as: other.conversation) {
          samples[Pair(one: one.capture, other: other.capture), default: ClockSamples()].add(one.seen, other.seen)
        }
      }
    }
    if starts.areThere {
      evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
        let (flow, serverIsLower) = index.flow(transport, lower, higher, fromLower, fromHigher)
        guard index.isService(transport, flow.server) else { return }
        let (requests, replies) = serverIsLower ? (fromHigher, fromLower) : (fromLower, fromHigher)
        starts.add(flow, requests, replies, capture: capture)
      }
    }
    for (outer, inners) in starts.joined() {
      translated[outer.flow] = inners.flatMap(\.sightings)
      inner.formUnion(inners.map(\.flow))
      for one in outer.sightings {
        for other in inners.flatMap(\.sightings) {
          let (first, second) = one.capture < other.capture ? (one, other) : (other, one)
          samples[Pair(one: first.capture, other: second.capture), default: ClockSamples()].add(first.seen, second.seen)
        }
      }
    }
    setClocks(
      samples.compactMapValues { samples in samples.offset.map { ($0.nanoseconds, $0.isByFramesOfBoth, samples.count) }
      },
      captures: evidence.captures.count, split: split)
  }

  /// The one capture that shows both directions, and each at interfaces of its own; `nil` where it is not so.
  private static func splitCapture(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links, _ captureOfPoint: [Int]
  ) -> Int? {
    guard !requests.isEmpty, !replies.isEmpty else { return nil }
    let capture = captureOfPoint[links.point(of: requests[0].link)]
    for index in requests.indices {
      let point = links.point(of: requests[index].link)
      if captureOfPoint[point] != capture { return nil }
      if replies.contains(where: { links.point(of: $0.link) == point }) { return nil }
    }
    return replies.contains { captureOfPoint[links.point(of: $0.link)] != capture } ? nil : capture
  }

  /// Several captures saw it, or flows that bear its ports.
  private static func isShared(
    _ ones: Span<LinkRecord>, _ others: Span<LinkRecord>, _ capture: (LinkRecord) -> Int
  ) -> Bool {
    var first: Int?
    func isOther(_ record: LinkRecord) -> Bool {
      let number = capture(record)
      defer { first = first ?? number }
      return first.map { $0 != number } ?? false
    }
    return ones.contains(where: isOther) || others.contains(where: isOther)
  }

  /// Each capture's clock against the first one that it is tied to, by those in between whose clocks most tell.
  private mutating func setClocks(
    _ offsets: [Pair: (ahead: Int64, isByFramesOfBoth: Bool, count: Int)], captures: Int, split: Set<Int>
  ) {
    for first in 0..<captures where placeOfCapture[first] == nil {
      var place = JointPlace(clocks: [first: 0])
      while true {
        let next = offsets.filter { (place.clocks[$0.key.one] == nil) != (place.clocks[$0.key.other] == nil) }
          .max { a, b in
            (a.value.isByFramesOfBoth ? 1 : 0, a.value.count, -a.key.one, -a.key.other)
              < (b.value.isByFramesOfBoth ? 1 : 0, b.value.count, -b.key.one, -b.key.other)
          }
        guard let (pair, offset) = next else { break }
        let isForward = place.clocks[pair.one] != nil
        let (known, new) = isForward ? (pair.one, pair.other) : (pair.other, pair.one)
        place.clocks[new] = (place.clocks[known] ?? 0) + (isForward ? offset.ahead : -offset.ahead)
        clocks[new] = Clock(
          ahead: place.clocks[new] ?? 0, of: first, isByFramesOfBoth: offset.isByFramesOfBoth,
          conversations: offset.count)
      }
      guard place.clocks.count > 1 || split.contains(first) else { continue }
      for capture in place.clocks.keys { placeOfCapture[capture] = places.count }
      places.append(place)
    }
  }

  /// What the first one's clock shows, of those tied to it, when `capture`'s shows `time`; `nil` where no other is tied to it.
  func commonTime(_ time: Timestamp, of capture: Int) -> (place: Int, time: Timestamp)? {
    guard let place = placeOfCapture[capture], let ahead = places[place].clocks[capture] else { return nil }
    return (place, time.shifted(byNanoseconds: -ahead))
  }

  /// The captures, with what is known of their clocks.
  func withClocks(_ captures: [CaptureSummary]) -> [CaptureSummary] {
    var told = captures
    for (number, clock) in clocks where told.indices.contains(number) {
      told[number].clock = CaptureClock(
        ahead: Double(clock.ahead) / 1e9, of: captures[clock.of].label, isByFramesOfBoth: clock.isByFramesOfBoth,
        conversations: clock.conversations)
    }
    return told
  }

  // MARK: Flows

  /// One conversation, as all captures that saw it show it.
  struct Part {
    var requests: [LinkRecord]
    var replies: [LinkRecord]
    /// No capture, or no interface of one, shows both halves, and together they do.
    var isMadeWhole = false
    /// The same legs once more, at the joint point of several captures.
    var jointRequests: [LinkRecord] = []
    var jointReplies: [LinkRecord] = []
  }

  /// The conversations that bear the ports of `flow`: one, but where captures show those of strangers. None where the same is
  /// told of another flow, the client's own.
  func parts(of flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> [Part] {
    if inner.contains(flow) { return [] }
    let whole = Part(requests: Array(requests), replies: Array(replies))
    let sightings = Sighting.all(flow.transport, requests, replies, textCaptures: textCaptures) {
      captureOfPoint[links.point(of: $0.link)]
    }
    let others = translated[flow] ?? []
    guard sightings.count > 1 || !others.isEmpty else {
      return [joinedInside(whole, flow.transport, requests, replies)]
    }
    return Self.meeting(sightings).map { group in
      var part = Part(requests: group.flatMap(\.seen.requests), replies: group.flatMap(\.seen.replies))
      let all = group + others
      for other in others {
        part.requests += other.seen.requests
        part.replies += other.seen.replies
      }
      part.isMadeWhole =
        !part.requests.isEmpty && !part.replies.isEmpty
        && all.allSatisfy { $0.seen.requests.isEmpty || $0.seen.replies.isEmpty }
      if all.count > 1, let place = group.first.flatMap({ placeOfCapture[$0.capture] }) {
        part.jointRequests = joint(part.requests, at: place)
        part.jointReplies = joint(part.replies, at: place)
      }
      return part
    }
  }

  /// The same, joined where one capture shows its two directions at interfaces of their own.
  private func joinedInside(
    _ whole: Part, _ transport: TransportProtocol, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>
  ) -> Part {
    guard let capture = Self.splitCapture(requests, replies, links, captureOfPoint),
      let place = placeOfCapture[capture]
    else { return whole }
    let sightings = Sighting.all(transport, requests, replies, textCaptures: textCaptures) { links.point(of: $0.link) }
    guard Self.meeting(sightings).count == 1 else { return whole }
    return Part(
      requests: whole.requests, replies: whole.replies, isMadeWhole: true,
      jointRequests: joint(whole.requests, at: place), jointReplies: joint(whole.replies, at: place))
  }

  /// Those that are one conversation, together.
  private static func meeting(_ sightings: [Sighting]) -> [[Sighting]] {
    var groups: [[Sighting]] = []
    for sighting in sightings {
      let met = groups.indices.filter { index in
        groups[index].contains { $0.conversation.isSame(as: sighting.conversation) }
      }
      guard let first = met.first else {
        groups.append([sighting])
        continue
      }
      groups[first].append(sighting)
      for index in met.dropFirst().reversed() { groups[first] += groups.remove(at: index) }
    }
    return groups
  }

  /// Of each pair of MACs the record that shows most, by the clock of the place.
  private func joint(_ records: [LinkRecord], at place: Int) -> [LinkRecord] {
    struct Ends: Hashable {
      var source: MACAddress?
      var destination: MACAddress?
      var encapsulation: Encapsulation
    }
    let origin = { (record: LinkRecord) in links[links.origin(of: record.link)] }
    var chosen: [Ends: LinkRecord] = [:]
    for record in records {
      let link = links[record.link]
      let ends = Ends(source: link.source, destination: link.destination, encapsulation: link.encapsulation)
      guard let ahead = places[place].clocks[captureOfPoint[link.point]] else { continue }
      var moved = record
      moved.link = links.number(of: record.link, atJointPoint: place)
      moved.firstTime = record.firstTime.shifted(byNanoseconds: -ahead)
      moved.lastTime = record.lastTime.shifted(byNanoseconds: -ahead)
      // In an order of their own, whichever capture was merged first.
      if let known = chosen[ends],
        known.frames > moved.frames || known.frames == moved.frames && origin(known) < origin(moved)
      {
        continue
      }
      chosen[ends] = moved
    }
    return chosen.values.sorted {
      $0.firstTime != $1.firstTime ? $0.firstTime < $1.firstTime : origin($0) < origin($1)
    }
  }
}

/// What one capture saw of a flow.
struct Sighting {
  let capture: Int
  private(set) var conversation: Conversation
  private(set) var seen = ClockSamples.Seen()

  /// By capture.
  static func all(
    _ transport: TransportProtocol, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>,
    textCaptures: Set<Int>, capture: (LinkRecord) -> Int
  ) -> [Sighting] {
    var found: [Int: Sighting] = [:]
    for index in requests.indices {
      let (record, number) = (requests[index], capture(requests[index]))
      found[number, default: Sighting(number, transport, textCaptures)].add(request: record)
    }
    for index in replies.indices {
      let (record, number) = (replies[index], capture(replies[index]))
      found[number, default: Sighting(number, transport, textCaptures)].add(reply: record)
    }
    return found.values.sorted { $0.capture < $1.capture }
  }

  private init(_ capture: Int, _ transport: TransportProtocol, _ textCaptures: Set<Int>) {
    self.capture = capture
    conversation = Conversation(transport, isText: textCaptures.contains(capture))
  }

  private mutating func add(request record: LinkRecord) {
    conversation.add(request: record)
    seen.requests.append(record)
  }

  private mutating func add(reply record: LinkRecord) {
    conversation.add(reply: record)
    seen.replies.append(record)
  }
}
