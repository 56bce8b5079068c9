import Capture
import Evidence
import EvidenceFile

/// Reads the captures into evidence, which takes about so much memory.
func gather(_ input: InputOptions, within memory: ByteCount? = nil) throws -> Evidence {
  Evidence.united(try gatherFiles(input, within: memory).parts(for: input.vip))
}

/// Reads the captures. Files are read one after the other, each by as many threads as are asked for; pipes, of which each comes
/// from a place of its own, at the same time.
func gatherFiles(_ input: InputOptions, within memory: ByteCount? = nil) throws -> [GatheredFile] {
  let progress = ProgressLine()
  defer { progress.erase() }
  let inputs = try input.inputs
  let flowLimit = input.memory.flowLimit(ofInputs: inputs.count, byDefault: memory)
  if inputs.contains(where: \.isPipe) { return try gatherPipes(inputs, input, flowLimit: flowLimit) }
  var rest = input.frameLimit ?? .max
  var files: [GatheredFile] = []
  for capture in inputs where rest > 0 {
    let file = try read(capture, input, flowLimit: flowLimit, atMost: rest, progress)
    rest -= file.frames
    files.append(file)
  }
  return files
}

private func read(
  _ input: CaptureInput, _ options: InputOptions, flowLimit: Int?, atMost limit: Int, _ progress: ProgressLine
) throws(Failure) -> GatheredFile {
  switch try OpenedFile(input, options) {
  case .other(let file): return .evidence(input, try EvidenceFile(file, input, options))
  case .capture(let reader):
    do throws(CaptureError) {
      return .capture(try read(reader, input, options, flowLimit: flowLimit, atMost: limit, progress))
    } catch {
      throw Failure(error)
    }
  }
}

private func read(
  _ capture: consuming sending CaptureReader, _ input: CaptureInput, _ options: InputOptions, flowLimit: Int?,
  atMost limit: Int, _ progress: ProgressLine
) throws(CaptureError) -> CaptureReading {
  var reader = capture
  if let blockSize = options.threading.blockSize { reader.blockSize = blockSize }
  let threads = options.threading.count
  if threads > 1 {
    return try ThreadedReading(
      reader, input, of: options, flowLimit: flowLimit, atMost: limit, threads: threads, progress
    ).run()
  }
  var reading = CaptureReading(input, of: options, flowLimit: flowLimit)
  var batch = FrameBatch()
  while limit > reading.frames, try reader.read(into: &batch) {
    reading.take(batch, of: reader.interfaces, atMost: limit - reading.frames)
    progress.update(
      path: input.path, bytesRead: reader.bytesRead, size: reader.size, frames: UInt64(reading.frames))
  }
  reading.end(
    reader.interfaces, truncatedAt: reader.truncatedAt, foreignFrames: reader.foreignFrames,
    skippedLines: reader.skippedLines)
  return reading
}

extension OpenedFile {
  /// Waits for the start of it.
  init(_ input: CaptureInput, _ options: InputOptions) throws(Failure) {
    do throws(CaptureError) {
      try self.init(path: input.path, filter: options.filter, signature: EvidenceFile.signature)
    } catch {
      throw Failure(error)
    }
  }
}
