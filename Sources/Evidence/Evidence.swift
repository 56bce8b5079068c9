public import Wire

/// What captures said, without judgement.
///
/// Evidence merges: `merge` is associative and commutative, and the evidence of a capture that was read in parts
/// equals that of the whole, so that captures, threads and machines join in any order.
public struct Evidence: Sendable {
  public private(set) var captures: [CaptureSummary] = []
  public private(set) var points: [CapturePoint] = []
  public private(set) var claims: [Claim: Tally] = [:]
  public private(set) var errors: [ErrorMessage: Tally] = [:]

  private(set) var hopTable = HopTable()
  /// The frame at hand, kept in place because copying it would cost as much as filling it.
  private var frame = Dissection()
  private var pointNumbers: [CapturePoint: Int] = [:]
  private var latestPoint = CapturePoint(capture: -1, interface: 0)
  private var latestPointNumber = 0
  private var flowsV4: FlowTable<FlowKeyV4>
  private var flowsV6: FlowTable<FlowKeyV6>

  public init() {
    let seed = UInt64.random(in: .min ... .max)
    flowsV4 = FlowTable(seed: seed)
    flowsV6 = FlowTable(seed: seed)
  }

  /// What is known of a frame beside its bytes.
  public struct FrameContext: Sendable {
    /// As `beginCapture(path:)` gave it.
    public var capture: Int
    /// The number of the interface in its capture.
    public var interface: Int
    public var linkType: LinkType
    /// In bytes; at least what was captured.
    public var wireLength: Int
    public var time: Timestamp
    /// Counted from 1 through the whole capture.
    public var number: UInt64

    public init(
      capture: Int, interface: Int, linkType: LinkType, wireLength: Int, time: Timestamp, number: UInt64
    ) {
      self.capture = capture
      self.interface = interface
      self.linkType = linkType
      self.wireLength = wireLength
      self.time = time
      self.number = number
    }
  }

  /// Begins a capture, or goes on with the one of that name, and returns its number.
  public mutating func beginCapture(path: String) -> Int {
    if let known = captures.firstIndex(where: { $0.path == path }) { return known }
    captures.append(CaptureSummary(path: path))
    return captures.count - 1
  }

  /// Notes what is only known once a capture was read: its interfaces, and what it lost.
  public mutating func endCapture(
    _ capture: Int, linkTypes: [LinkType], interfaces: [String], dropped: UInt64?, truncatedAt: UInt64?
  ) {
    guard captures.indices.contains(capture) else { return }
    captures[capture].linkTypes = linkTypes
    captures[capture].interfaces = interfaces
    captures[capture].dropped = dropped
    captures[capture].truncatedAt = truncatedAt
  }

  /// Adds one frame. `bytes` are those that were captured of it.
  public mutating func observe(_ bytes: Span<UInt8>, _ context: FrameContext) {
    guard captures.indices.contains(context.capture) else { return }
    frame.replace(with: bytes, linkType: context.linkType, wireLength: context.wireLength)
    captures[context.capture].count(frame, captured: bytes.count, context)
    let point = number(
      CapturePoint(capture: context.capture, interface: context.interface, interfaceIndex: frame.interfaceIndex))
    let number = UInt32(clamping: context.number)
    switch frame.content {
    case .tcp(let tcp):
      guard let network = frame.network else { return }
      let record = HopRecord(
        tcp, hopLimit: network.hopLimit, hop: hopTable.number(frame, point: point), frame: number, time: context.time)
      add(record, .tcp, network, tcp.sourcePort, tcp.destinationPort)
    case .udp(let udp):
      guard let network = frame.network else { return }
      let record = HopRecord(
        udp, content: Self.firstBytes(bytes, of: udp), identification: network.identification,
        hopLimit: network.hopLimit, hop: hopTable.number(frame, point: point), frame: number, time: context.time)
      add(record, .udp, network, udp.sourcePort, udp.destinationPort)
    case .icmpError(let error):
      guard let network = frame.network else { return }
      let message = ErrorMessage(
        point: point, from: network.source, source: frame.source, destination: frame.destination, error: error)
      Self.add(Tally(frame: context.number, time: context.time), of: message, to: &errors)
    case .arp, .neighborDiscovery, .vrrp:
      Claim.collect(from: frame, bytes, point: point) { claim in
        Self.add(Tally(frame: context.number, time: context.time), of: claim, to: &claims)
      }
    case .none, .laterFragment, .other: break
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

  @inline(__always)
  private mutating func add(
    _ record: HopRecord, _ transport: TransportProtocol, _ network: IPHeader, _ sourcePort: UInt16,
    _ destinationPort: UInt16
  ) {
    let source = network.source
    let destination = network.destination
    if source.version == .v4 {
      let from = UInt32(truncatingIfNeeded: source.low)
      let to = UInt32(truncatingIfNeeded: destination.low)
      let isFromLower = from != to ? from < to : sourcePort <= destinationPort
      let key = FlowKeyV4(
        lowerAddress: isFromLower ? from : to, higherAddress: isFromLower ? to : from,
        lowerPort: isFromLower ? sourcePort : destinationPort, higherPort: isFromLower ? destinationPort : sourcePort,
        transport: transport)
      flowsV4.add(record, isFromLower: isFromLower, to: key)
    } else {
      let isFromLower = source != destination ? source < destination : sourcePort <= destinationPort
      let lower = isFromLower ? source : destination
      let higher = isFromLower ? destination : source
      let key = FlowKeyV6(
        lowerHigh: lower.high, lowerLow: lower.low, higherHigh: higher.high, higherLow: higher.low,
        lowerPort: isFromLower ? sourcePort : destinationPort, higherPort: isFromLower ? destinationPort : sourcePort,
        transport: transport)
      flowsV6.add(record, isFromLower: isFromLower, to: key)
    }
  }

  @inline(__always)
  private mutating func number(_ point: CapturePoint) -> Int {
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

  private static func add<Key: Hashable>(_ tally: Tally, of key: Key, to tallies: inout [Key: Tally]) {
    if tallies[key]?.merge(tally) == nil { tallies[key] = tally }
  }
}

// MARK: - Merging

extension Evidence {
  /// Adds everything that `other` has seen. Captures are the same when they bear the same name.
  public mutating func merge(_ other: Evidence) {
    let captureNumbers = other.captures.map { summary in
      let number = beginCapture(path: summary.path)
      captures[number].merge(summary)
      return number
    }
    let pointNumbers = other.points.map { point in
      number(
        CapturePoint(
          capture: captureNumbers[point.capture], interface: point.interface, interfaceIndex: point.interfaceIndex))
    }
    let hopNumbers = hopTable.merge(other.hopTable, points: pointNumbers)
    flowsV4.merge(other.flowsV4, hops: hopNumbers)
    flowsV6.merge(other.flowsV6, hops: hopNumbers)
    for (var claim, tally) in other.claims {
      claim.point = pointNumbers[claim.point]
      Self.add(tally, of: claim, to: &claims)
    }
    for (var error, tally) in other.errors {
      error.point = pointNumbers[error.point]
      Self.add(tally, of: error, to: &errors)
    }
  }
}

extension CaptureSummary {
  fileprivate mutating func count(_ frame: borrowing Dissection, captured: Int, _ context: Evidence.FrameContext) {
    frames &+= 1
    bytes &+= UInt64(clamping: context.wireLength)
    if captured < context.wireLength { cutFrames &+= 1 }
    if let stop = frame.stop, stop.reason == .malformed || stop.reason == .captureEnded { undecodedFrames &+= 1 }
    if case .laterFragment = frame.content { laterFragments &+= 1 }
    if firstTime.map({ context.time < $0 }) ?? true { firstTime = context.time }
    if lastTime.map({ $0 < context.time }) ?? true { lastTime = context.time }
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
    dropped = [dropped, other.dropped].compactMap { $0 }.max()
    truncatedAt = [truncatedAt, other.truncatedAt].compactMap { $0 }.max()
    firstTime = [firstTime, other.firstTime].compactMap { $0 }.min()
    lastTime = [lastTime, other.lastTime].compactMap { $0 }.max()
  }
}

// MARK: - Reading

extension Evidence {
  public var hops: Hops { Hops(table: hopTable) }

  /// The hops that records refer to by number.
  public struct Hops: Sendable {
    let table: HopTable
    public var count: Int { table.packed.count }
    public subscript(number: UInt32) -> Hop { table.hop(number) }
  }

  public var flowCount: Int { flowsV4.count + flowsV6.count }

  /// Calls `body` with every flow, in no particular order: its ends, and what each sent, hop by hop. The arrays are
  /// reused: copy what has to stay.
  public func forEachFlow(
    _ body: (
      _ transport: TransportProtocol, _ lower: Endpoint, _ higher: Endpoint, _ fromLower: [HopRecord],
      _ fromHigher: [HopRecord]
    ) -> Void
  ) {
    flowsV4.forEach { body($0.transport, $0.lower, $0.higher, $1, $2) }
    flowsV6.forEach { body($0.transport, $0.lower, $0.higher, $1, $2) }
  }
}
