import Capture
import Evidence
import EvidenceFile

/// Reads the captures into evidence, which takes about so much memory.
func gather(_ input: InputOptions, within memory: ByteCount? = nil) throws -> Evidence {
  Evidence.united(try gatherFiles(input, within: memory).parts(for: input.vip))
}

/// Reads the captures: files by as many threads as `--threads` says, pipes, of which each comes from a place of its own, by one
/// each.
func gatherFiles(_ input: InputOptions, within memory: ByteCount? = nil) throws -> [GatheredFile] {
  let progress = ProgressLine()
  defer { progress.erase() }
  let inputs = try input.inputs
  if inputs.contains(where: \.isPipe) {
    return try gatherPipes(
      inputs, input, flowLimit: input.memory.flowLimit(ofInputs: inputs.count, byDefault: memory))
  }
  let flowLimits = input.memory.flowLimits(ofFiles: inputs, byDefault: memory)
  let threads = input.threading.count(for: inputs)
  guard var rest = input.frameLimit else {
    return try FilesReading(inputs, input, flowLimits: flowLimits, threads: threads, progress).run()
  }
  // How many frames are taken of a file depends on the files before it.
  var files: [GatheredFile] = []
  for (capture, flowLimit) in zip(inputs, flowLimits) where rest > 0 {
    let read = try FilesReading(
      [capture], input, flowLimits: [flowLimit], frameLimit: rest, threads: threads, progress
    ).run()
    rest -= read.reduce(0) { $0 + $1.frames }
    files += read
  }
  return files
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
