import Wire

// Compiled together with the sources of Capture by `Fuzz/fuzz`, as DissectionFuzzer.swift is with those of Wire.

/// An input is what tcpdump prints, whatever became of it: packets are looked for in it, and made into frames, and these are
/// dissected.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  var trace = TextTrace()
  var batch = FrameBatch()
  do throws(CaptureError.Fault) {
    try trace.take(input[...], into: &batch)
    trace.end(into: &batch)
  } catch {
    _ = error.description
  }
  for frame in batch.frames {
    precondition(frame.offset >= 0 && frame.offset + frame.capturedLength <= batch.bytes.count)
    precondition(frame.capturedLength <= frame.wireLength)
    let bytes = Array(batch.bytes[frame.offset..<frame.offset + frame.capturedLength])
    _ = Dissection(
      bytes.span, linkType: trace.interfaces[frame.interface].linkType, wireLength: frame.wireLength)
  }
  return 0
}
