public import Wire

/// What captures said, without judgement.
///
/// Evidence merges: `merge` is associative and commutative, and the evidence of a capture that was read in parts
/// equals that of the whole, so that captures, threads and machines join in any order.
public struct Evidence: Sendable {
  public internal(set) var captures: [CaptureSummary] = []
  public internal(set) var points: [CapturePoint] = []
  /// Of these, ICMP errors, prefixes and pings a flood brings any number: the limits are how many of each are kept, and what
  /// is kept is the same in whatever order captures are merged.
  public var claims: [Claim: Tally] { claimSample.tallies }
  public var errors: [ErrorMessage: Tally] { errorSample.tallies }
  /// What routers say is on their links, by IPv6.
  public var prefixes: [OnLinkPrefix: Tally] { prefixSample.tallies }
  /// Hosts that ping each other.
  public var echoes: [Echo: Tally] { echoSample.tallies }
  /// Points that saw an IP packet to a group address which belongs to no flow and resolves no address: VRRP, IGMP, pings,
  /// router solicitations and advertisements.
  public internal(set) var pointsWithMulticast: Set<Int> = []

  /// By point, which of the networks that are apart it shows; a point that is not here shows the first, or all.
  package internal(set) var partsOfPoints: [Int: Int] = [:]
  /// Points that stand for several captures at once, which saw the same conversations.
  public internal(set) var jointPoints: [Int] = []

  var linkTable: LinkTable
  var claimSample: Sample<Claim>
  var errorSample = Sample<ErrorMessage>(limit: 1 << 15)
  var prefixSample = Sample<OnLinkPrefix>(limit: 1 << 12)
  var echoSample = Sample<Echo>(limit: 1 << 12)
  /// The frame at hand, kept in place because copying it would cost as much as filling it.
  private var dissection: Dissection
  private var pointNumbers: [CapturePoint: Int] = [:]
  private var latestPoint = CapturePoint(capture: -1, interface: 0)
  private var latestPointNumber = 0
  var flowsV4: FlowTable<FlowKeyV4>
  var flowsV6: FlowTable<FlowKeyV6>

  /// How many bytes flows may take, about; `nil` for any number.
  let flowLimit: Int?
  var linkSampling = LinkSampling()

  /// `tunnelPorts` are the UDP ports at which tunnels are looked for. With a limit on the bytes that flows take, those that do
  /// not fit are folded, and then sampled with `samplingKey`. However many claims there are, those on `watched` addresses stay.
  public init(
    tunnelPorts: TunnelPorts = .standard, flowLimit: Int? = nil, samplingKey: UInt64 = 0, watched: Set<IPAddress> = []
  ) {
    self.flowLimit = flowLimit
    claimSample = Sample(limit: 1 << 16, watched: watched)
    let sampling = Sampling(key: samplingKey)
    dissection = Dissection(tunnelPorts: tunnelPorts)
    let seed = UInt64.random(in: .min ... .max)
    linkTable = LinkTable(seed: seed)
    let none = IPAddress(v4: 0)
    flowsV4 = FlowTable(seed: seed, none: FlowKeyV4.ordered(.tcp, 0, 0, 0, 0).key, sampling)
    flowsV6 = FlowTable(seed: seed, none: FlowKeyV6.ordered(.tcp, none, 0, none, 0).key, sampling)
  }

  /// Begins a capture, or goes on with the one of that name, and returns its number.
  public mutating func beginCapture(path: String) -> Int {
    if let known = captures.firstIndex(where: { $0.path == path }) { return known }
    captures.append(CaptureSummary(path: path))
    return captures.count - 1
  }

  /// Notes what is only known once a capture was read: its interfaces, and what it lost.
  public mutating func endCapture(
    _ capture: Int, linkTypes: [LinkType], interfaces: [String], dropped: UInt64?, truncatedAt: UInt64?,
    showsBothDirections: Bool = false, foreignFrames: UInt64 = 0, live: CaptureSummary.LiveCounts? = nil
  ) {
    guard captures.indices.contains(capture) else { return }
    captures[capture].live = live
    if foreignFrames > 0 { captures[capture].passedOver[.foreignLink] = foreignFrames }
    captures[capture].showsBothDirections = showsBothDirections
    captures[capture].linkTypes = linkTypes.sorted { $0.rawValue < $1.rawValue }
    captures[capture].interfaces = interfaces
    captures[capture].dropped = dropped
    captures[capture].truncatedAt = truncatedAt
    settleLinks()
  }

  /// Notes how many lines of a text say nothing that can be read.
  public mutating func note(skippedLines: UInt64, capture: Int) {
    guard captures.indices.contains(capture), skippedLines > 0 else { return }
    captures[capture].passedOver[.unreadLine] = skippedLines
  }

  /// Adds frames of a capture, whose bytes stand in `bytes`; `linkTypes` are those of its interfaces. A frame that
  /// reaches past the end of `bytes`, or names no interface, is passed over.
  public mutating func observe(
    _ frames: Span<Frame>, in bytes: Span<UInt8>, capture: Int, linkTypes: [LinkType]
  ) {
    guard captures.indices.contains(capture) else { return }
    var summary = CaptureSummary(path: captures[capture].path)
    var tally = FrameTally()
    var roomV4 = flowsV4.takeNotes()
    var roomV6 = flowsV6.takeNotes()
    do {
      var notesV4 = roomV4.mutableSpan
      var notesV6 = roomV6.mutableSpan
      var (countV4, countV6) = (0, 0)
      var interface = Int.min
      var linkType = LinkType.ethernet
      var point = 0
      var position = 0
      while position < frames.count {
        if frames[position].interface != interface {
          interface = frames[position].interface
          guard linkTypes.indices.contains(interface) else {
            interface = .min
            position &+= 1
            continue
          }
          linkType = linkTypes[interface]
          if linkType == .ethernet { point = number(CapturePoint(capture: capture, interface: interface)) }
        }
        if linkType == .ethernet {
          tally.takePlainSegments(
            frames, &position, in: bytes, point: UInt32(truncatingIfNeeded: point), of: flowsV4, &notesV4, &countV4)
          if countV4 == notesV4.count {
            flowsV4.settle(&notesV4, countV4, frames, in: bytes, links: &linkTable)
            countV4 = 0
            continue
          }
          guard position < frames.count, frames[position].interface == interface else { continue }
        }
        let frame = frames[position]
        position &+= 1
        guard frame.isInside(bytes) else { continue }
        let captured = bytes.extracting(frame.offset..<frame.offset &+ frame.capturedLength)
        // Of a packet in text nothing was cut: its payload was not printed.
        tally.count(frame, isWhole: linkType.isText)
        dissection.replace(with: captured, linkType: linkType, wireLength: frame.wireLength)
        summary.count(dissection)
        // Not in the summary of these frames, for a port is settled once.
        captures[capture].untoldPorts.note(dissection, captured)
        switch note(frame, captured, capture: capture, &notesV4[countV4], &notesV6[countV6]) {
        case .v4?: countV4 &+= 1
        case .v6?: countV6 &+= 1
        case nil: break
        }
        if countV4 == notesV4.count {
          flowsV4.settle(&notesV4, countV4, frames, in: bytes, links: &linkTable)
          countV4 = 0
        }
        if countV6 == notesV6.count {
          flowsV6.settle(&notesV6, countV6, frames, in: bytes, links: &linkTable)
          countV6 = 0
        }
      }
      flowsV4.settle(&notesV4, countV4, frames, in: bytes, links: &linkTable)
      flowsV6.settle(&notesV6, countV6, frames, in: bytes, links: &linkTable)
    }
    flowsV4.giveBack(roomV4)
    flowsV6.giveBack(roomV6)
    summary.add(tally)
    captures[capture].merge(summary)
    keepWithinLimit()
  }

  /// Takes up what the frame that was dissected last says. What it says of a flow goes into one of the two notes, by
  /// the version of its addresses, which is returned.
  private mutating func note(
    _ frame: Frame, _ bytes: Span<UInt8>, capture: Int, _ noteV4: inout FlowTable<FlowKeyV4>.Note,
    _ noteV6: inout FlowTable<FlowKeyV6>.Note
  ) -> IPAddress.Version? {
    let point = number(
      CapturePoint(capture: capture, interface: frame.interface, interfaceIndex: dissection.interfaceIndex))
    switch dissection.content {
    case .tcp(let tcp):
      guard let network = dissection.network else { return nil }
      var record = LinkRecord(tcp, network, frame)
      if dissection.bearsDSROption { record.kinds.insert(.dsrOption) }
      if dissection.told != .everything { record.forget(allBut: dissection.told, frame) }
      return note(record, .tcp, network, tcp.sourcePort, tcp.destinationPort, point: point, &noteV4, &noteV6)
    case .udp(let udp):
      guard let network = dissection.network else { return nil }
      var record = LinkRecord(udp, content: Self.firstBytes(bytes, of: udp), network, frame)
      if dissection.told != .everything { record.forget(allBut: dissection.told, frame) }
      return note(record, .udp, network, udp.sourcePort, udp.destinationPort, point: point, &noteV4, &noteV6)
    case .icmpError(var error):
      guard let network = dissection.network else { return nil }
      // Every packet that is quoted would be a message of its own.
      let sequence = error.quoted.sequence
      error.quoted.sequence = nil
      let message = ErrorMessage(
        point: point, from: network.source, source: dissection.source, destination: dissection.destination,
        error: error)
      errorSample.add(Tally(frame: frame.number, time: frame.time, quotedSequence: sequence), of: message)
    case .arp, .neighborDiscovery, .vrrp, .other:
      Claim.collect(from: dissection, bytes, point: point) { claim in
        claimSample.add(Tally(frame: frame.number, time: frame.time), of: claim)
      }
      if case .neighborDiscovery = dissection.content { break }
      noteMulticast(at: point)
    case .routerAdvertisement(let advertisement):
      OnLinkPrefix.collect(advertisement, from: dissection, bytes, point: point) { prefix in
        prefixSample.add(Tally(frame: frame.number, time: frame.time), of: prefix)
      }
      Claim.collect(from: dissection, bytes, point: point) { claim in
        claimSample.add(Tally(frame: frame.number, time: frame.time), of: claim)
      }
      noteMulticast(at: point)
    case .echo(let isReply):
      if let echo = Echo(dissection, isReply: isReply, point: point) {
        echoSample.add(Tally(frame: frame.number, time: frame.time), of: echo)
      }
      noteMulticast(at: point)
    case .none, .laterFragment: break
    }
    return nil
  }

  private mutating func noteMulticast(at point: Int) {
    if let network = dissection.network, network.destination.isMulticastOrBroadcast {
      pointsWithMulticast.insert(point)
    }
  }

  /// The first eight captured bytes of a datagram's payload, as a number.
  private static func firstBytes(_ bytes: Span<UInt8>, of udp: UDPHeader) -> UInt64 {
    var value: UInt64 = 0
    let end = min(udp.payloadOffset &+ min(8, Int(udp.payloadLength)), bytes.count)
    var index = udp.payloadOffset
    while index < end {
      value = value << 8 | UInt64(bytes[index])
      index &+= 1
    }
    return value
  }

  private mutating func note(
    _ record: LinkRecord, _ transport: TransportProtocol, _ network: IPHeader, _ sourcePort: UInt16,
    _ destinationPort: UInt16, point: Int, _ noteV4: inout FlowTable<FlowKeyV4>.Note,
    _ noteV6: inout FlowTable<FlowKeyV6>.Note
  ) -> IPAddress.Version {
    let link = linkTable.pack(dissection, point: point)
    switch network.source.version {
    case .v4:
      let (key, end) = FlowKeyV4.ordered(
        transport, UInt32(truncatingIfNeeded: network.source.low), sourcePort,
        UInt32(truncatingIfNeeded: network.destination.low), destinationPort)
      flowsV4.note(record, at: link, key, from: end, in: &noteV4)
    case .v6:
      let (key, end) = FlowKeyV6.ordered(
        transport, network.source, sourcePort, network.destination, destinationPort)
      flowsV6.note(record, at: link, key, from: end, in: &noteV6)
    }
    return network.source.version
  }

  @inline(__always)
  mutating func number(_ point: CapturePoint) -> Int {
    if point == latestPoint { return latestPointNumber }
    let number = pointNumbers[point] ?? points.count
    if number == points.count {
      points.append(point)
      pointNumbers[point] = number
    }
    latestPoint = point
    latestPointNumber = number
    return number
  }
}

// MARK: - Merging

extension Evidence {
  /// Adds everything that `other` has seen. Captures are the same when they bear the same name.
  public mutating func merge(_ other: Evidence) {
    merge(other) { $0 }
  }

  /// Adds what `other` has seen as a part of another capture: `place` says of which, under which number of its interface, and
  /// behind how many of its frames.
  mutating func merge(
    _ other: Evidence, as path: String? = nil, behind earlierFrames: UInt64 = 0,
    _ place: (CapturePoint) -> CapturePoint
  ) {
    let captureNumbers = other.captures.map { summary in
      let number = beginCapture(path: path ?? summary.path)
      captures[number].merge(summary)
      return number
    }
    let pointNumbers = other.points.map { point in
      var own = place(point)
      own.capture = captureNumbers[point.capture]
      return number(own)
    }
    let linkNumbers = linkTable.merge(other.linkTable, points: pointNumbers)
    flowsV4.merge(other.flowsV4, numbers: linkNumbers, in: &linkTable, behind: earlierFrames)
    flowsV6.merge(other.flowsV6, numbers: linkNumbers, in: &linkTable, behind: earlierFrames)
    keepSample(with: other.sampling)
    keepSample(with: other.linkSampling)
    pointsWithMulticast.formUnion(other.pointsWithMulticast.map { pointNumbers[$0] })
    claimSample.merge(other.claimSample, points: pointNumbers, behind: earlierFrames)
    errorSample.merge(other.errorSample, points: pointNumbers, behind: earlierFrames)
    prefixSample.merge(other.prefixSample, points: pointNumbers, behind: earlierFrames)
    echoSample.merge(other.echoSample, points: pointNumbers, behind: earlierFrames)
    keepWithinLimit()
  }
}

extension CaptureSummary {
  fileprivate mutating func add(_ tally: FrameTally) {
    frames = tally.frames
    bytes = tally.bytes
    cutFrames = tally.cutFrames
    if tally.frames > 0 { (firstTime, lastTime) = (tally.firstTime, tally.lastTime) }
  }

  fileprivate mutating func count(_ dissection: borrowing Dissection) {
    if let stop = dissection.stop, stop.reason == .malformed || stop.reason == .captureEnded { undecodedFrames &+= 1 }
    if case .laterFragment = dissection.content { laterFragments &+= 1 }
    if let reason = PassedOver(dissection) { passedOver[reason, default: 0] &+= 1 }
  }

  fileprivate mutating func merge(_ other: CaptureSummary) {
    linkTypes += other.linkTypes.filter { !linkTypes.contains($0) }
    linkTypes.sort { $0.rawValue < $1.rawValue }
    if interfaces.count < other.interfaces.count { interfaces = other.interfaces }
    frames = frames.addingSaturated(other.frames)
    bytes = bytes.addingSaturated(other.bytes)
    cutFrames = cutFrames.addingSaturated(other.cutFrames)
    undecodedFrames = undecodedFrames.addingSaturated(other.undecodedFrames)
    laterFragments = laterFragments.addingSaturated(other.laterFragments)
    passedOver.merge(other.passedOver) { $0.addingSaturated($1) }
    untoldPorts.merge(other.untoldPorts)
    countedOnly.links = countedOnly.links.addingSaturated(other.countedOnly.links)
    dropped = [dropped, other.dropped].compactMap { $0 }.max()
    truncatedAt = [truncatedAt, other.truncatedAt].compactMap { $0 }.max()
    live = live ?? other.live
    showsBothDirections = showsBothDirections || other.showsBothDirections
    firstTime = [firstTime, other.firstTime].compactMap { $0 }.min()
    lastTime = [lastTime, other.lastTime].compactMap { $0 }.max()
  }
}

// MARK: - Reading

extension Evidence {
  /// The same evidence with its points numbered by capture and interface, in whatever order it was merged, and its samples
  /// settled, so that reading them costs nothing.
  public func inOrder() -> Evidence {
    let order = points.indices.sorted {
      (points[$0].capture, points[$0].interface, points[$0].interfaceIndex)
        < (points[$1].capture, points[$1].interface, points[$1].interfaceIndex)
    }
    var ordered = self
    ordered.settleSamples()
    if order.elementsEqual(points.indices) { return ordered }
    var numbers = Array(repeating: 0, count: points.count)
    for (number, point) in order.enumerated() { numbers[point] = number }
    ordered.points = order.map { points[$0] }
    ordered.pointNumbers = pointNumbers.mapValues { numbers[$0] }
    ordered.latestPoint = CapturePoint(capture: -1, interface: 0)
    ordered.pointsWithMulticast = Set(pointsWithMulticast.map { numbers[$0] })
    ordered.linkTable.renumberPoints(numbers)
    ordered.claimSample = claimSample.moved(to: numbers)
    ordered.errorSample = errorSample.moved(to: numbers)
    ordered.prefixSample = prefixSample.moved(to: numbers)
    ordered.echoSample = echoSample.moved(to: numbers)
    return ordered
  }
}

extension Evidence {
  public var links: Links {
    Links(packed: linkTable.packed, encapsulations: linkTable.encapsulations, jointPoints: jointPoints)
  }

  /// The links that records refer to by number. Behind the links that were seen come all of them again for each joint
  /// point, where records of several captures stand together.
  public struct Links: Sendable {
    let packed: [LinkTable.Packed]
    let encapsulations: [SharedEncapsulation]
    let jointPoints: [Int]

    /// How many were seen.
    public var count: Int { packed.count }

    public subscript(number: UInt32) -> Link {
      if number < count { return Link(packed[Int(number)], encapsulations) }
      var link = Link(packed[Int(origin(of: number))], encapsulations)
      link.point = jointPoint(of: number)
      return link
    }

    /// A link's capture point alone, which costs a fraction of the whole link; likewise the other two.
    public func point(of number: UInt32) -> Int {
      number < count ? packed[Int(number)].point : jointPoint(of: number)
    }
    public func source(of number: UInt32) -> MACAddress? { packed[Int(origin(of: number))].sourceMAC }
    public func destination(of number: UInt32) -> MACAddress? { packed[Int(origin(of: number))].destinationMAC }

    private func jointPoint(of number: UInt32) -> Int { jointPoints[Int(number) / count - 1] }

    /// The number that a link bears at a joint point.
    public func number(of link: UInt32, atJointPoint place: Int) -> UInt32 { link + UInt32((place + 1) * count) }

    /// The link as it was seen.
    public func origin(of number: UInt32) -> UInt32 { number < count ? number : number % UInt32(count) }
  }

  public var flowCount: Int { flowsV4.count + flowsV6.count }

  /// Calls `body` with every flow, in no particular order: its ends, and what each sent, hop by hop.
  public func forEachFlow(
    _ body: (
      _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
      _ fromHigher: Span<LinkRecord>
    ) -> Void
  ) {
    _ = containsFlow { transport, lower, higher, fromLower, fromHigher in
      body(transport, lower, higher, fromLower, fromHigher)
      return false
    }
  }

  /// The records of one flow with the links that tell who sent them, where some are in an overlay; `nil` where all links
  /// tell already.
  public func reading(
    _ ones: Span<LinkRecord>, _ others: Span<LinkRecord>
  ) -> ([LinkRecord], [LinkRecord])? {
    guard !linkTable.outsideNumbers.isEmpty, let reading = Overlay(links: linkTable).reading(ones, others) else {
      return nil
    }
    return (reading.fromLower, reading.fromHigher)
  }

  /// Points of captures that were read from text.
  package var textPoints: Set<Int> {
    Set(points.indices.filter { captures[points[$0].capture].linkTypes.contains(where: \.isText) })
  }

  /// Points of text without times: all of it came at once.
  package var untimedPoints: Set<Int> {
    textPoints.filter { point in
      let capture = captures[points[point].capture]
      return capture.frames > 1 && capture.firstTime == capture.lastTime
    }
  }

  /// Points of captures with frames that were cut before the end of their headers, or are in tunnels that were not opened: any
  /// flow may be in them. A few among many hide no service's replies; of text there may be many more.
  package var pointsWithUnreadPackets: Set<Int> {
    let unread = Set(captures.indices.filter { hasUnreadPackets($0) })
    let points = points.indices.filter { unread.contains(self.points[$0].capture) }
    return Set(points).union(pointsWithUntoldDatagrams)
  }

  private func hasUnreadPackets(_ number: Int) -> Bool {
    let capture = captures[number]
    let passedOver = capture.passedOver.filter { [.cut, .nested].contains($0.key) || $0.key.tunnel != nil }
    let unread = passedOver.values.reduce(0, &+)
    if capture.linkTypes.contains(where: \.isText) { return unread > 0 }
    // What only looks like a tunnel was read as datagrams, too.
    let perhapsTunnelled = capture.untoldPorts.hints.reduce(0) { $0 &+ $1.frames }
    return unread &+ perhapsTunnelled > capture.frames / 20
  }

  /// Points of text that does not tell what datagrams carry, where some go from one high port to another: these may be a tunnel.
  private var pointsWithUntoldDatagrams: Set<Int> {
    let texts = textPoints
    var found: Set<Int> = []
    if texts.isEmpty { return found }
    let links = links
    forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard transport == .udp, lower.port >= 1024, higher.port >= 1024 else { return }
      func note(_ records: Span<LinkRecord>) {
        for index in records.indices where records[index].hasUntoldFingerprint {
          found.insert(links.point(of: records[index].link))
        }
      }
      note(fromLower)
      note(fromHigher)
    }
    return found.intersection(texts)
  }

  /// Some frames are in tunnels that were not opened, or look so.
  package var hasUnopenedTunnels: Bool {
    captures.contains { $0.passedOver.keys.contains { $0.tunnel != nil } || !$0.untoldPorts.hints.isEmpty }
  }

  /// A capture was read from text without MACs.
  package var hasBareText: Bool { captures.contains { $0.linkTypes.contains(.bareText) } }

  /// The same of tshark's lines.
  package var hasBareColumns: Bool { captures.contains { $0.linkTypes.contains(.bareColumns) } }

  /// How many of tshark's lines were passed over for that reason.
  package func columnLines(passedOver reason: PassedOver) -> UInt64 {
    captures.filter { $0.linkTypes.contains(where: \.areColumns) }.reduce(0) { $0 &+ ($1.passedOver[reason] ?? 0) }
  }

  /// Points whose frames were read from tshark's lines.
  package var pointsOfColumns: Set<Int> {
    let columns = Set(captures.indices.filter { captures[$0].linkTypes.contains(where: \.areColumns) })
    return columns.isEmpty ? [] : Set(points.indices.filter { columns.contains(points[$0].capture) })
  }

  /// Points that show both halves of some flow.
  public func pointsWithBothHalves() -> Set<Int> {
    var found: Set<Int> = []
    // Asked of themselves, so that the closure holds no copy of all evidence.
    let (links, pointCount) = (links, points.count)
    _ = containsFlow { _, _, _, fromLower, fromHigher in
      guard !fromLower.isEmpty, !fromHigher.isEmpty else { return false }
      for index in fromLower.indices {
        let point = links.point(of: fromLower[index].link)
        if fromHigher.contains(where: { links.point(of: $0.link) == point }) { found.insert(point) }
      }
      return found.count == pointCount
    }
    return found
  }

  /// What was seen of one flow, by its ends in their order.
  public func records(
    of transport: TransportProtocol, lower: Endpoint, higher: Endpoint
  ) -> (fromLower: [LinkRecord], fromHigher: [LinkRecord]) {
    guard lower.address.version == higher.address.version else { return ([], []) }
    let found =
      switch lower.address.version {
      case .v4:
        flowsV4.records(of: FlowKeyV4.ordered(transport, from: lower, to: higher).key)
      case .v6:
        flowsV6.records(of: FlowKeyV6.ordered(transport, from: lower, to: higher).key)
      }
    return reading(found.fromLower.span, found.fromHigher.span) ?? found
  }

  /// Calls `body` with every half of a flow whose ports were used for several connections, in no particular order: the
  /// flow's ends, whether the lower one sent it, at which link, and the connections.
  public func forEachReuse(
    _ body: (
      _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ isFromLower: Bool, _ link: UInt32,
      _ connections: Connections
    ) -> Void
  ) {
    flowsV4.forEachReuse { body($0.transport, $0.lower, $0.higher, $1 == .lower, $2, $3) }
    flowsV6.forEachReuse { body($0.transport, $0.lower, $0.higher, $1 == .lower, $2, $3) }
  }

  /// The stretch of time in which the highest acknowledgment of a half was first seen at a link, where the half went on for
  /// longer and so its record is standing.
  package func rise(
    _ transport: TransportProtocol, from source: Endpoint, to destination: Endpoint, at link: UInt32
  ) -> UInt64? {
    guard source.address.version == destination.address.version else { return nil }
    switch source.address.version {
    case .v4:
      let (key, end) = FlowKeyV4.ordered(transport, from: source, to: destination)
      return flowsV4.rise(of: key, from: end, at: link)
    case .v6:
      let (key, end) = FlowKeyV6.ordered(transport, from: source, to: destination)
      return flowsV6.rise(of: key, from: end, at: link)
    }
  }

  /// By when the highest acknowledgment that `source` sent to `destination` had been seen at the link of `record`: half a
  /// second late at most.
  public func acknowledgedSince(
    _ record: LinkRecord, _ transport: TransportProtocol, from source: Endpoint, to destination: Endpoint
  ) -> Timestamp {
    guard record.kinds.contains(.standing),
      let rise = rise(transport, from: source, to: destination, at: links.origin(of: record.link))
    else { return record.lastTime }
    return Timestamp(endOfStretch: rise)
  }

  /// Whether there is a flow that is such; asks about no further one then.
  public func containsFlow(
    where isSuch: (
      _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: Span<LinkRecord>,
      _ fromHigher: Span<LinkRecord>
    ) -> Bool
  ) -> Bool {
    let overlay = linkTable.outsideNumbers.isEmpty ? nil : Overlay(links: linkTable)
    var found = false
    flowsV4.forEachFlow {
      if let overlay, let reading = overlay.reading($1, $2) {
        found = isSuch($0.transport, $0.lower, $0.higher, reading.fromLower.span, reading.fromHigher.span)
      } else {
        found = isSuch($0.transport, $0.lower, $0.higher, $1, $2)
      }
      return !found
    }
    if found { return true }
    flowsV6.forEachFlow {
      if let overlay, let reading = overlay.reading($1, $2) {
        found = isSuch($0.transport, $0.lower, $0.higher, reading.fromLower.span, reading.fromHigher.span)
      } else {
        found = isSuch($0.transport, $0.lower, $0.higher, $1, $2)
      }
      return !found
    }
    return found
  }
}
