import Capture
import Checks
import Evidence
import Foundation
import TestSupport

/// A file that has no name, for what reads files.
private let scratch: (descriptor: Int32, path: String) = {
  let path = FileManager.default.temporaryDirectory.appending(path: "dsrproof-fuzz-\(UUID())").path
  let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  mustHold(descriptor >= 0, "\(path) cannot be made")
  unsafe unlink(path)
  return (descriptor, "/proc/self/fd/\(descriptor)")
}()

/// More frames than these take too long to be cut and judged again and again.
private let mostFrames = 512

/// What a capture of these bytes holds; `nil` where it is none, or too long.
func contents(of input: ArraySlice<UInt8>) -> CaptureContents? {
  ftruncate(scratch.descriptor, 0)
  let count = unsafe input.withUnsafeBytes { unsafe pwrite(scratch.descriptor, $0.baseAddress, $0.count, 0) }
  mustHold(count == input.count)
  do {
    var contents = try CaptureContents(path: scratch.path)
    contents.path = "lb.pcap"
    return contents.frames.count <= mostFrames ? contents : nil
  } catch {
    mustHold(error is CaptureError, "\(error)")
    mustHold(!"\(error)".contains(where: \.isNewline), "\(error)")
    return nil
  }
}

/// Chance that the input alone decides.
func chance(of input: some Sequence<UInt8>) -> SeededGenerator {
  SeededGenerator(seed: input.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
}

/// However a capture is cut into parts, and in whatever order they are put together, they say what the whole says.
func readCapture(_ input: ArraySlice<UInt8>) {
  guard let contents = contents(of: input) else { return }
  var random = chance(of: input)
  let whole = CanonicalEvidence(contents.evidence)
  let split = Split.allCases.randomElement(using: &random) ?? .half
  let parts = contents.evidence(split, using: &random)
  let difference = CanonicalEvidence(merged(parts, using: &random)).difference(from: whole)
  mustHold(difference == nil, "\(split): \(difference ?? "")")
}
