public import Wire

/// Whether a filter, an expression as in tcpdump, lets every one of these frames pass; false for one that means nothing.
public func filter(_ expression: String, passes frames: [[UInt8]], on linkType: LinkType) -> Bool {
  let filter = CaptureFilter(expression)
  var batch = FrameBatch()
  for (index, frame) in frames.enumerated() {
    batch.frames.append(
      Frame(
        offset: batch.bytes.count, capturedLength: frame.count, wireLength: frame.count,
        time: Timestamp(seconds: 0, nanoseconds: 0), interface: 0, number: UInt64(index + 1)))
    batch.bytes += frame
  }
  do throws(CaptureError.Fault) {
    try filter.compile(for: [CaptureInterface(linkType: linkType)])
  } catch {
    return false
  }
  filter.hideOthers(in: &batch)
  return batch.frames.count == frames.count
}
