import Wire

/// What evidence holds as it was seen, one by one, for what writes it down, and reads it again.
extension Evidence {
  /// By number: what records refer to.
  package var seenLinks: [Link] { (0..<UInt32(linkTable.packed.count)).map { linkTable.link($0) } }

  /// Calls `body` with every flow, its records with the links that they were seen at.
  package func forEachSeenFlow(
    _ body: (
      _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
      _ fromHigher: Span<LinkRecord>
    ) -> Void
  ) {
    flowsV4.forEachFlow {
      body($0.transport, $0.lower, $0.higher, $1, $2)
      return true
    }
    flowsV6.forEachFlow {
      body($0.transport, $0.lower, $0.higher, $1, $2)
      return true
    }
  }

  /// Begins evidence of one capture, as it was kept, of a sample of its flows.
  package init(of summary: CaptureSummary, _ sampling: Sampling = Sampling(), linkLevel: Int = 0) {
    self.init()
    linkSampling.level = min(max(linkLevel, 0), LinkSampling.highestLevel)
    captures = [summary]
    (flowsV4.sampling, flowsV6.sampling) = (sampling, sampling)
  }

  /// Notes how many half-open flows one stands for of which records were added.
  package mutating func addHalfOpen(
    _ others: UInt64, beside transport: TransportProtocol, _ one: Endpoint, _ other: Endpoint
  ) {
    guard transport == .tcp, one.address.version == other.address.version else { return }
    switch one.address.version {
    case .v4:
      flowsV4.halfOpenBeside[FlowKeyV4.ordered(transport, from: one, to: other).key] = others
    case .v6:
      flowsV6.halfOpenBeside[FlowKeyV6.ordered(transport, from: one, to: other).key] = others
    }
  }

  /// Adds a point of the first capture, and returns its number.
  package mutating func addPoint(interface: Int, interfaceIndex: UInt32) -> Int {
    number(CapturePoint(capture: 0, interface: interface, interfaceIndex: interfaceIndex))
  }

  /// A link that flows are added at.
  package struct KnownLink: Sendable {
    fileprivate var packed: LinkTable.Packed
  }

  package mutating func add(_ link: Link) -> KnownLink {
    let packed = linkTable.pack(link)
    _ = linkTable.number(packed)
    return KnownLink(packed: packed)
  }

  /// Adds what was seen of one half of a flow at a link: where there are several, with the connections that used its ports;
  /// and of a standing record, when its highest acknowledgment was first seen. Both ends have addresses of one version, and
  /// the record counts frames.
  package mutating func add(
    _ record: LinkRecord, _ connections: Connections? = nil, rise: UInt64? = nil, at link: KnownLink,
    _ transport: TransportProtocol, from source: Endpoint, to destination: Endpoint
  ) {
    guard record.frames > 0, source.address.version == destination.address.version else { return }
    switch source.address.version {
    case .v4:
      let (key, end) = FlowKeyV4.ordered(transport, from: source, to: destination)
      flowsV4.makeUnique()
      flowsV4.insert(
        record, connections, rise: rise, at: link.packed, in: &linkTable, from: end, to: key, isSampled: false)
      flowsV4.rooms.settle()
    case .v6:
      let (key, end) = FlowKeyV6.ordered(transport, from: source, to: destination)
      flowsV6.makeUnique()
      flowsV6.insert(
        record, connections, rise: rise, at: link.packed, in: &linkTable, from: end, to: key, isSampled: false)
      flowsV6.rooms.settle()
    }
  }

  package mutating func add(_ tally: Tally, of claim: Claim) { claimSample.add(tally, of: claim) }
  package mutating func add(_ tally: Tally, of error: ErrorMessage) { errorSample.add(tally, of: error) }
  package mutating func add(_ tally: Tally, of prefix: OnLinkPrefix) { prefixSample.add(tally, of: prefix) }
  package mutating func add(_ tally: Tally, of echo: Echo) { echoSample.add(tally, of: echo) }
  package mutating func noteMulticast(atPoint point: Int) { pointsWithMulticast.insert(point) }

  /// Notes how many frames at a point say what was not kept.
  package mutating func add(_ counted: CountedOnly, atPoint point: Int) {
    claimSample.addCountedOnly(counted.claims, at: point)
    errorSample.addCountedOnly(counted.errors, at: point)
    prefixSample.addCountedOnly(counted.prefixes, at: point)
    echoSample.addCountedOnly(counted.pings, at: point)
    let capture = points[point].capture
    captures[capture].countedOnly.links = captures[capture].countedOnly.links.addingSaturated(counted.links)
  }
}
