import Capture
import Evidence

/// Reads the captures into evidence. Files are read one after the other; pipes, of which each comes from a place of its own,
/// at the same time.
func gather(_ input: InputOptions) throws -> Evidence {
  let progress = ProgressLine()
  defer { progress.erase() }
  let inputs = try input.inputs
  if inputs.contains(where: \.isPipe) { return try gatherPipes(inputs, input) }
  var rest = input.frameLimit ?? .max
  var parts: [CapturePart] = []
  for capture in inputs where rest > 0 {
    do throws(CaptureError) {
      parts.append(try read(capture, input, &rest, progress).part)
    } catch {
      throw Failure(error)
    }
  }
  return Evidence.united(parts)
}

private func read(
  _ input: CaptureInput, _ options: InputOptions, _ rest: inout Int, _ progress: ProgressLine
) throws(CaptureError) -> CaptureReading {
  var reader = try CaptureReader(path: input.path, filter: options.filter)
  var reading = CaptureReading(input, of: options)
  var batch = FrameBatch()
  while rest > reading.frames, try reader.read(into: &batch) {
    reading.take(batch, of: reader.interfaces, atMost: rest - reading.frames)
    progress.update(
      path: input.path, bytesRead: reader.bytesRead, size: reader.size, frames: UInt64(reading.frames))
  }
  reading.end(
    reader.interfaces, truncatedAt: reader.truncatedAt, foreignFrames: reader.foreignFrames)
  rest -= reading.frames
  return reading
}
