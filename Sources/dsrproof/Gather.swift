import Capture
import Checks
import Evidence
import Wire

/// Reads the captures, one after the other, into evidence.
func gather(_ input: InputOptions) throws -> Evidence {
  let progress = ProgressLine()
  defer { progress.erase() }
  do throws(CaptureError) {
    return try gather(
      paths: input.captures, filter: input.filter, frameLimit: input.frameLimit ?? .max, services: input.vip,
      tunnelPorts: input.tunnelPorts, progress: progress)
  } catch {
    throw Failure(error)
  }
}

private func gather(
  paths: [String], filter: String?, frameLimit: Int, services: [ServicePattern], tunnelPorts: TunnelPorts,
  progress: ProgressLine
) throws(CaptureError) -> Evidence {
  var evidence = Evidence(tunnelPorts: tunnelPorts)
  var batch = FrameBatch()
  var frames = 0
  for path in paths where frames < frameLimit {
    var reader = try CaptureReader(path: path, filter: filter)
    let capture = evidence.beginCapture(path: path)
    let before = frames
    while frames < frameLimit, try reader.read(into: &batch) {
      evidence.observe(
        batch.frames.span.extracting(first: frameLimit - frames), in: batch.bytes.span, capture: capture,
        linkTypes: reader.interfaces.map(\.linkType))
      frames += min(batch.frames.count, frameLimit - frames)
      progress.update(path: path, bytesRead: reader.bytesRead, size: reader.size, frames: UInt64(frames))
    }
    let drops = reader.interfaces.compactMap(\.dropped)
    // A file that was thinned out after it was written shows less than its filter let pass.
    let delivered = reader.interfaces.map(\.delivered)
    let isWhole =
      filter == nil && delivered.allSatisfy { $0 != nil }
      && sum(delivered.map { $0 ?? 0 }) == UInt64(frames - before)
    evidence.endCapture(
      capture, linkTypes: uniqueInOrder(reader.interfaces.map(\.linkType)),
      interfaces: reader.interfaces.map { $0.name ?? "" }, dropped: drops.isEmpty ? nil : sum(drops),
      truncatedAt: reader.truncatedAt,
      showsBothDirections: isWhole
        && FilterSight.showsBothDirections(
          reader.interfaces.map { ($0.filter, $0.linkType) }, of: evidence, services: services),
      foreignFrames: reader.foreignFrames)
  }
  return evidence
}

/// A file may claim whatever fits.
private func sum(_ counts: [UInt64]) -> UInt64 {
  counts.reduce(0) { sum, count in
    let (total, overflow) = sum.addingReportingOverflow(count)
    return overflow ? .max : total
  }
}

func uniqueInOrder(_ types: [LinkType]) -> [LinkType] {
  types.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}
