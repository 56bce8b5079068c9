import Evidence
import EvidenceSchema
import Wire

extension Unpacking {
  mutating func take(_ message: FlowsMessage) throws(EvidenceFileError.Fault) {
    let count = message.isUdp.count
    let isV6 = message.lowerV4.isEmpty && !message.lowerV6.isEmpty
    try require(
      count, isV6 ? message.lowerV6.count / 2 : message.lowerV4.count,
      isV6 ? message.higherV6.count / 2 : message.higherV4.count, message.lowerPorts.count, message.higherPorts.count,
      message.lowerRecords.count, message.higherRecords.count, of: "flows")
    let total = message.links.count
    try require(
      total, message.frames.count, message.firstFrames.count, message.firstTimes.count, message.durations.count,
      message.kinds.count, message.fingerprints.count, message.hopLimits.count, message.sequencesLow.count,
      message.sequenceSpans.count, message.payloads.count, message.acknowledgmentsLow.count,
      message.acknowledgmentSpans.count, message.synCounts.count, of: "records")
    var reuses = message.reuses[...]
    var halfOpen = message.halfOpen[...]
    var rises = message.rises[...]
    var (next, before) = (0, Int64(0))
    for index in 0..<count {
      let (lowerCount, higherCount) = (message.lowerRecords[index], message.higherRecords[index])
      guard lowerCount > 0 || higherCount > 0, UInt64(lowerCount) + UInt64(higherCount) <= UInt64(total - next) else {
        throw wrong("records of flow \(index)", "1 to \(total - next)", "\(lowerCount) and \(higherCount)")
      }
      let lower = Endpoint(
        address: isV6
          ? IPAddress(v6High: message.lowerV6[2 * index], low: message.lowerV6[2 * index + 1])
          : IPAddress(v4: message.lowerV4[index]),
        port: try narrow(message.lowerPorts[index], "lower_ports"))
      let higher = Endpoint(
        address: isV6
          ? IPAddress(v6High: message.higherV6[2 * index], low: message.higherV6[2 * index + 1])
          : IPAddress(v4: message.higherV4[index]),
        port: try narrow(message.higherPorts[index], "higher_ports"))
      let transport: TransportProtocol = message.isUdp[index] ? .udp : .tcp
      let middle = next + Int(lowerCount)
      let end = middle + Int(higherCount)
      for record in next..<end {
        let isFromLower = record < middle
        let (start, others) = isFromLower ? (next, middle) : (middle, next)
        let other = (isFromLower ? higherCount : lowerCount) > 0 ? others : nil
        let (time, overflow) = before.addingReportingOverflow(message.firstTimes[record])
        guard !overflow, time >= 0 else { throw wrong("first_times", "a moment since 1970", "one before") }
        before = time
        let unpacked = try self.record(
          message, record, first: record == start ? nil : start, other: other, time: UInt64(time), transport)
        let number = message.links[record]
        guard Int(number) < links.count else { throw wrong("links", "one of \(links.count)", "\(number)") }
        let reuse = try connections(&reuses, flow: index, isFromHigher: !isFromLower, link: number)
        let rise = try self.rise(&rises, of: unpacked, flow: index, isFromHigher: !isFromLower, link: number)
        evidence.add(
          unpacked, reuse, rise: rise, at: links[Int(number)], transport, from: isFromLower ? lower : higher,
          to: isFromLower ? higher : lower)
      }
      next = end
      if let kept = halfOpen.first, kept.flow == UInt32(index) {
        halfOpen.removeFirst()
        evidence.addHalfOpen(kept.others, beside: transport, lower, higher)
      }
    }
    if let kept = halfOpen.first {
      throw wrong("half_open", "those of flows here, in their order", "flow \(kept.flow)")
    }
    guard next == total else { throw wrong("records", "\(next), those of all flows", "\(total)") }
    if let reuse = reuses.first {
      throw wrong("reuses", "those of records here, in their order", "one of flow \(reuse.flow), link \(reuse.link)")
    }
    if let rise = rises.first {
      throw wrong("rises", "those of records here, in their order", "one of flow \(rise.flow), link \(rise.link)")
    }
    records += UInt64(total)
  }

  private func record(
    _ message: FlowsMessage, _ index: Int, first: Int?, other: Int?, time start: UInt64, _ transport: TransportProtocol
  ) throws(EvidenceFileError.Fault) -> LinkRecord {
    var record = LinkRecord()
    record.firstTime = try time(start)
    let (end, overflow) = start.addingReportingOverflow(message.durations[index])
    record.lastTime = try time(overflow ? .max : end)
    record.frames = message.frames[index]
    record.firstFrame = message.firstFrames[index]
    guard record.frames > 0 else { throw wrong("frames", "at least 1", "0") }
    record.kinds = LinkRecord.Kinds(rawValue: try narrow(message.kinds[index], "kinds"))
    guard record.kinds.isSubset(of: .known), record.kinds.contains(.datagram) == (transport == .udp) else {
      throw wrong("kinds", "kinds of \(transport.name) frames", "\(record.kinds.rawValue)")
    }
    record.fingerprint = message.fingerprints[index] &+ (first.map { message.fingerprints[$0] } ?? 0)
    record.hopLimit = try narrow(message.hopLimits[index], "hop_limits")
    record.sequenceLow = message.sequencesLow[index] &+ (first.map { message.sequencesLow[$0] } ?? 0)
    record.sequenceHigh = record.sequenceLow &+ message.sequenceSpans[index]
    record.payload = message.payloads[index]
    record.acknowledgmentLow = message.acknowledgmentsLow[index] &+ (other.map { message.sequencesLow[$0] } ?? 0)
    record.acknowledgmentHigh = record.acknowledgmentLow &+ message.acknowledgmentSpans[index]
    record.synCount = try narrow(message.synCounts[index], "syn_counts")
    return record
  }

  /// That of the record at hand, which has one if and only if it is standing.
  private func rise(
    _ rises: inout ArraySlice<RiseMessage>, of record: LinkRecord, flow: Int, isFromHigher: Bool, link: UInt32
  ) throws(EvidenceFileError.Fault) -> UInt64? {
    guard record.kinds.contains(.standing) else { return nil }
    guard let rise = rises.first, Int(rise.flow) == flow, rise.isFromHigher == isFromHigher, rise.link == link,
      record.acknowledgmentHigh > 0, record.firstTime.stretch <= rise.stretch, rise.stretch < record.lastTime.stretch
    else { throw wrong("rises", "that of flow \(flow), link \(link), in its time", "another") }
    rises.removeFirst()
    return rise.stretch
  }

  /// Those of the record at hand, if they are next.
  private func connections(
    _ reuses: inout ArraySlice<ReuseMessage>, flow: Int, isFromHigher: Bool, link: UInt32
  ) throws(EvidenceFileError.Fault) -> Connections? {
    guard let reuse = reuses.first, Int(reuse.flow) == flow, reuse.isFromHigher == isFromHigher, reuse.link == link
    else { return nil }
    reuses.removeFirst()
    try require(reuse.sequences.count, reuse.synCounts.count, of: "a reuse")
    var counts: [UInt32: UInt8] = [:]
    for (index, sequence) in reuse.sequences.enumerated() {
      counts[sequence] = try narrow(reuse.synCounts[index], "syn_counts")
    }
    guard let connections = Connections(synCounts: counts, isCut: reuse.isCut) else {
      throw wrong("sequences", "1 to \(Connections.limit)", "\(counts.count)")
    }
    return connections
  }
}
