import Evidence
import EvidenceSchema
import Wire

extension BlockWriter {
  /// Few enough that a block is read and written in little memory.
  private static let flowsOfBlock = 1 << 15

  /// A flow, and where its records stand among all.
  private struct Place {
    var ends: FlowEnds
    var first: Int
    var lowerCount: Int
    var higherCount: Int
  }

  mutating func addFlows(of evidence: Evidence, at links: LinkOrder) throws(EvidenceFileError.Fault) {
    var records: [LinkRecord] = []
    var places: [Place] = []
    evidence.forEachSeenFlow { transport, lower, higher, fromLower, fromHigher in
      places.append(
        Place(
          ends: FlowEnds(transport: transport, lower: lower, higher: higher), first: records.count,
          lowerCount: fromLower.count, higherCount: fromHigher.count))
      records += links.sorted(fromLower)
      records += links.sorted(fromHigher)
    }
    var reuses: [FlowEnds: [ReuseMessage]] = [:]
    evidence.forEachReuse { transport, lower, higher, isFromLower, link, connections in
      var reuse = ReuseMessage()
      (reuse.isFromHigher, reuse.link, reuse.isCut) = (!isFromLower, links.place(of: link), connections.isCut)
      reuse.sequences = connections.synCounts.keys.sorted()
      reuse.synCounts = reuse.sequences.map { UInt32(connections.synCounts[$0] ?? 0) }
      reuses[FlowEnds(transport: transport, lower: lower, higher: higher), default: []].append(reuse)
    }
    places.sort { $0.ends < $1.ends }
    var start = 0
    while start < places.count {
      let version = places[start].ends.lower.address.version
      let block = places[start...].prefix(Self.flowsOfBlock).prefix { $0.ends.lower.address.version == version }
      var columns = FlowColumns()
      for (index, place) in block.enumerated() {
        let middle = place.first + place.lowerCount
        columns.add(
          place.ends, records[place.first..<middle], records[middle..<middle + place.higherCount])
        let halfOpen = evidence.halfOpenFlows(beside: place.ends.transport, place.ends.lower, place.ends.higher)
        if halfOpen > 0 {
          var kept = HalfOpenMessage()
          (kept.flow, kept.others) = (UInt32(index), halfOpen)
          columns.halfOpen.append(kept)
        }
        for position in place.first..<middle + place.higherCount where records[position].kinds.contains(.standing) {
          let (isFromHigher, link) = (position >= middle, records[position].link)
          let ends = isFromHigher ? (place.ends.higher, place.ends.lower) : (place.ends.lower, place.ends.higher)
          let stretch = evidence.rise(place.ends.transport, from: ends.0, to: ends.1, at: links.number(at: link))
          guard let stretch else { continue }
          var rise = RiseMessage()
          (rise.flow, rise.isFromHigher, rise.link, rise.stretch) = (UInt32(index), isFromHigher, link, stretch)
          columns.rises.append(rise)
        }
        guard !reuses.isEmpty, let found = reuses[place.ends] else { continue }
        columns.reuses += found.sorted { ($0.isFromHigher ? 1 : 0, $0.link) < ($1.isFromHigher ? 1 : 0, $1.link) }
          .map { reuse in
            var reuse = reuse
            reuse.flow = UInt32(index)
            return reuse
          }
      }
      try add(.flows(columns.message), records: columns.links.count)
      start += block.count
    }
  }
}

/// The flows of a block, in arrays that grow in place: those of a message are copied for each element that is added.
private struct FlowColumns {
  var halfOpen: [HalfOpenMessage] = []
  var rises: [RiseMessage] = []
  var reuses: [ReuseMessage] = []
  private(set) var links: [UInt32] = []
  private var isUdp: [Bool] = []
  private var (lowerV4, higherV4): ([UInt32], [UInt32]) = ([], [])
  private var (lowerV6, higherV6): ([UInt64], [UInt64]) = ([], [])
  private var (lowerPorts, higherPorts): ([UInt32], [UInt32]) = ([], [])
  private var (lowerRecords, higherRecords): ([UInt32], [UInt32]) = ([], [])
  private var (frames, firstFrames): ([UInt32], [UInt32]) = ([], [])
  private var (firstTimes, durations): ([Int64], [UInt64]) = ([], [])
  private var (kinds, fingerprints, hopLimits): ([UInt32], [UInt32], [UInt32]) = ([], [], [])
  private var (sequencesLow, sequenceSpans, payloads): ([UInt32], [UInt32], [UInt32]) = ([], [], [])
  private var (acknowledgmentsLow, acknowledgmentSpans): ([UInt32], [UInt32]) = ([], [])
  private var synCounts: [UInt32] = []

  mutating func add(
    _ ends: FlowEnds, _ fromLower: ArraySlice<LinkRecord>, _ fromHigher: ArraySlice<LinkRecord>
  ) {
    isUdp.append(ends.transport == .udp)
    let (lower, higher) = (ends.lower.address, ends.higher.address)
    switch lower.version {
    case .v4:
      lowerV4.append(UInt32(truncatingIfNeeded: lower.low))
      higherV4.append(UInt32(truncatingIfNeeded: higher.low))
    case .v6:
      lowerV6 += [lower.high, lower.low]
      higherV6 += [higher.high, higher.low]
    }
    lowerPorts.append(UInt32(ends.lower.port))
    higherPorts.append(UInt32(ends.higher.port))
    lowerRecords.append(UInt32(fromLower.count))
    higherRecords.append(UInt32(fromHigher.count))
    for (own, other) in [(fromLower, fromHigher), (fromHigher, fromLower)] {
      for (index, record) in own.enumerated() {
        add(record, behind: index == 0 ? nil : own.first, answering: other.first)
      }
    }
  }

  private mutating func add(_ record: LinkRecord, behind first: LinkRecord?, answering other: LinkRecord?) {
    links.append(record.link)
    frames.append(record.frames)
    firstFrames.append(record.firstFrame)
    firstTimes.append(Int64(record.firstTime.sinceEpoch))
    durations.append(record.lastTime.sinceEpoch - record.firstTime.sinceEpoch)
    kinds.append(UInt32(record.kinds.rawValue))
    fingerprints.append(record.fingerprint &- (first?.fingerprint ?? 0))
    hopLimits.append(UInt32(record.hopLimit))
    sequencesLow.append(record.sequenceLow &- (first?.sequenceLow ?? 0))
    sequenceSpans.append(record.sequenceHigh &- record.sequenceLow)
    payloads.append(record.payload)
    acknowledgmentsLow.append(record.acknowledgmentLow &- (other?.sequenceLow ?? 0))
    acknowledgmentSpans.append(record.acknowledgmentHigh &- record.acknowledgmentLow)
    synCounts.append(UInt32(record.synCount))
  }

  var message: FlowsMessage {
    var message = FlowsMessage()
    (message.halfOpen, message.rises, message.reuses) = (halfOpen, rises, reuses)
    (message.isUdp, message.links, message.frames) = (isUdp, links, frames)
    (message.lowerV4, message.higherV4) = (lowerV4, higherV4)
    (message.lowerV6, message.higherV6) = (lowerV6, higherV6)
    (message.lowerPorts, message.higherPorts) = (lowerPorts, higherPorts)
    (message.lowerRecords, message.higherRecords) = (lowerRecords, higherRecords)
    // Each time less the one before: those of a flow lie near each other.
    message.firstTimes = zip(firstTimes, [0] + firstTimes).map { $0 - $1 }
    (message.firstFrames, message.durations) = (firstFrames, durations)
    (message.kinds, message.fingerprints, message.hopLimits) = (kinds, fingerprints, hopLimits)
    (message.sequencesLow, message.sequenceSpans, message.payloads) = (sequencesLow, sequenceSpans, payloads)
    (message.acknowledgmentsLow, message.acknowledgmentSpans) = (acknowledgmentsLow, acknowledgmentSpans)
    message.synCounts = synCounts
    return message
  }
}

extension LinkOrder {
  /// With the places of their links, and in the order of these.
  fileprivate func sorted(_ records: Span<LinkRecord>) -> [LinkRecord] {
    var sorted: [LinkRecord] = []
    for index in records.indices {
      var record = records[index]
      record.link = place(of: record.link)
      sorted.append(record)
    }
    if sorted.count > 1 { sorted.sort { $0.link < $1.link } }
    return sorted
  }
}
