import Wire

extension Evidence {
  /// Seconds after which nobody repeats a SYN for the first time: the second one comes after one, and may be lost.
  private static let patience = 4.0

  /// About how many bytes the flows and their links take.
  public var flowByteCount: Int { limitedByteCount + distantByteCount - crowdedByteCount }

  private var limitedByteCount: Int { droppableByteCount + linkTable.plainByteCount }

  /// Of links behind the first few of their flows, what only dropping flows can free: no fewer can be kept of each.
  private var crowdedByteCount: Int {
    linkSampling.isHighest ? max(0, distantByteCount - (flowLimit ?? 0) / 4) : 0
  }

  /// Of links behind the first few of their flows.
  private var distantByteCount: Int { flowsV4.distantByteCount + flowsV6.distantByteCount }

  private var droppableByteCount: Int {
    flowsV4.byteCount + flowsV6.byteCount + linkTable.tunnelByteCount + linkTable.judgedByteCount + crowdedByteCount
  }

  /// Whether links of a half with so many may have been dropped, if any were.
  public static func mayLackLinks(_ half: Span<LinkRecord>) -> Bool { half.count >= LinkSampling.lowestLimit }

  /// Flows of which one in two to the power of this is kept, and with which key.
  public var sampling: Sampling { flowsV4.sampling }

  /// Flows, or links of some, were dropped by the key.
  public var isSample: Bool { sampling.level > 0 || linkSampling.level > 0 }

  /// How few links of a flow are kept.
  package var linkLevel: Int { linkSampling.level }

  /// Keeps flows within the limit: folds half-open ones first, then takes a sample.
  mutating func keepWithinLimit() {
    guard let limit = flowLimit else { return }
    keepLinksWithinLimit(limit)
    guard limitedByteCount > limit else { return }
    foldHalfOpen()
    // Taking a sample drops them anyway.
    if sampling.level == 0 { dropUnusedLinks() }
    // Of links that are new a flow each came in, whatever the level.
    keepSample(atLevel: sampling.level)
    // Not again for every few flows that come; and to drop the last of them frees nothing of links that stay.
    while limitedByteCount > limit / 4 * 3, droppableByteCount > limit / 4, sampling.level < Sampling.highestLevel {
      keepSample(atLevel: sampling.level + 1)
    }
  }

  /// Takes up the flows of other evidence, which may have been sampled: what is kept is a sample of both at the higher level.
  mutating func keepSample(with other: Sampling) {
    // Both are samples at one level already.
    if sampling == other { return }
    if !isSample { (flowsV4.sampling.key, flowsV6.sampling.key) = (other.key, other.key) }
    keepSample(atLevel: max(sampling.level, other.level))
  }

  /// Keeps the links of flows that were seen at many within a quarter of the limit.
  private mutating func keepLinksWithinLimit(_ limit: Int) {
    guard distantByteCount > limit / 4, linkSampling.mayDrop(distantByteCount) else { return }
    keepSampleOfLinks()
    while distantByteCount > limit / 8, linkSampling.raise() { keepSampleOfLinks() }
    linkSampling.settledByteCount = distantByteCount
    dropUnusedLinks()
  }

  /// Drops what came to a link of a flow after it was dropped before, so that what stays does not hang on the order of frames.
  mutating func settleLinks() {
    if keepSampleOfLinks() { dropUnusedLinks() }
  }

  /// Takes up the links of other evidence, of which a sample may have been taken.
  mutating func keepSample(with other: LinkSampling) {
    linkSampling.level = max(linkSampling.level, other.level)
    settleLinks()
  }

  /// Whether any was dropped.
  @discardableResult
  private mutating func keepSampleOfLinks() -> Bool {
    guard let limit = linkSampling.linkLimit else { return false }
    var dropped = flowsV4.keepLinks(atMost: limit, of: linkTable, key: sampling.key)
    dropped += flowsV6.keepLinks(atMost: limit, of: linkTable, key: sampling.key)
    for record in dropped {
      let capture = points[linkTable.packed[Int(record.link)].point].capture
      captures[capture].countedOnly.links = captures[capture].countedOnly.links.addingSaturated(UInt64(record.frames))
    }
    return !dropped.isEmpty
  }

  private mutating func keepSample(atLevel level: Int) {
    if level == 0 { return }
    flowsV4.sampling.level = level
    flowsV6.sampling.level = level
    flowsV4.keepSample()
    flowsV6.keepSample()
    dropUnusedLinks()
  }

  private mutating func dropUnusedLinks() {
    var isUsed = Array(repeating: false, count: linkTable.packed.count)
    flowsV4.markLinks(&isUsed)
    flowsV6.markLinks(&isUsed)
    guard let numbers = linkTable.keep(isUsed, key: sampling.key) else { return }
    flowsV4.renumberLinks(numbers)
    flowsV6.renumberLinks(numbers)
  }

  /// Of captures that show one direction alone a SYN that nothing follows says nothing.
  private mutating func foldHalfOpen() {
    let links = links
    let showsBoth = pointsWithBothHalves()
    if showsBoth.isEmpty { return }
    let ends = points.map { captures[$0.capture].lastTime }
    let isLeft = { (record: LinkRecord) in
      let point = links.point(of: record.link)
      guard showsBoth.contains(point), let end = ends[point] else { return false }
      return end.seconds(since: record.lastTime) > Self.patience
    }
    flowsV4.foldHalfOpen(isLeft)
    flowsV6.foldHalfOpen(isLeft)
  }

  /// How many frames of the captures together say what is not kept.
  package var countedOnly: CountedOnly {
    var counted = CountedOnly()
    for capture in captures { counted.links = counted.links.addingSaturated(capture.countedOnly.links) }
    forEachCountedOnly { _, sort, frames in
      counted[keyPath: sort] = counted[keyPath: sort].addingSaturated(frames)
    }
    return counted
  }

  private func forEachCountedOnly(
    _ body: (_ capture: Int, _ sort: WritableKeyPath<CountedOnly, UInt64>, _ frames: UInt64) -> Void
  ) {
    for (point, frames) in claimSample.countedOnly { body(points[point].capture, \.claims, frames) }
    for (point, frames) in errorSample.countedOnly { body(points[point].capture, \.errors, frames) }
    for (point, frames) in prefixSample.countedOnly { body(points[point].capture, \.prefixes, frames) }
    for (point, frames) in echoSample.countedOnly { body(points[point].capture, \.pings, frames) }
  }

  /// What may be missing of claims, by the address that they are about.
  public var claimGaps: SampleGaps { claimSample.gaps }

  /// Whether ICMP may have said that a packet of a flow is too big, in a message that is not kept.
  public func mayLackTooBig(_ transport: TransportProtocol, _ one: Endpoint, _ other: Endpoint) -> Bool {
    errorSample.mayHaveDropped(ErrorMessage.trace(transport.rawValue, one, other))
  }

  mutating func settleSamples() {
    claimSample.settle()
    errorSample.settle()
    prefixSample.settle()
    echoSample.settle()
  }

  /// How many half-open flows, of which nothing else is kept, a flow of the same kind stands for.
  public func halfOpenFlows(
    beside transport: TransportProtocol, _ one: Endpoint, _ other: Endpoint
  ) -> UInt64 {
    guard hasHalfOpenFlows, transport == .tcp, one.address.version == other.address.version else { return 0 }
    switch one.address.version {
    case .v4:
      return flowsV4.halfOpenBeside[FlowKeyV4.ordered(transport, from: one, to: other).key] ?? 0
    case .v6:
      return flowsV6.halfOpenBeside[FlowKeyV6.ordered(transport, from: one, to: other).key] ?? 0
    }
  }

  /// There are any.
  public var hasHalfOpenFlows: Bool { !flowsV4.halfOpenBeside.isEmpty || !flowsV6.halfOpenBeside.isEmpty }

  /// The captures, with what was not kept of each.
  public var captureSummaries: [CaptureSummary] {
    var summaries = captures
    for index in summaries.indices { summaries[index].flowsPerKept = 1 << UInt64(sampling.level) }
    forEachCountedOnly { capture, sort, frames in
      summaries[capture].countedOnly[keyPath: sort] = summaries[capture].countedOnly[keyPath: sort]
        .addingSaturated(frames)
    }
    guard hasHalfOpenFlows else { return summaries }
    let links = links
    forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let others = halfOpenFlows(beside: transport, lower, higher)
      if others == 0 { return }
      let point = links.point(of: fromLower.isEmpty ? fromHigher[0].link : fromLower[0].link)
      summaries[points[point].capture].halfOpenFlows += others
    }
    return summaries
  }
}
