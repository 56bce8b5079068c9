import Wire

@testable import Capture

/// What tcpdump prints, whatever became of it: packets are looked for in it, and made into frames, and these are dissected.
func readPrintedPackets(_ input: ArraySlice<UInt8>) {
  var trace = TextTrace()
  var batch = FrameBatch()
  do throws(CaptureError.Fault) {
    try trace.take(input, into: &batch)
    try trace.end(into: &batch)
  } catch {
    mustHold(!error.description.contains(where: \.isNewline), error.description)
  }
  for frame in batch.frames {
    mustHold(frame.offset >= 0 && frame.offset + frame.capturedLength <= batch.bytes.count)
    mustHold(frame.capturedLength <= frame.wireLength)
    let bytes = Array(batch.bytes[frame.offset..<frame.offset + frame.capturedLength])
    _ = Dissection(bytes.span, linkType: trace.interfaces[frame.interface].linkType, wireLength: frame.wireLength)
  }
}
