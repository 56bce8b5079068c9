import Checks
import Evidence

@testable import EvidenceFile

/// The input is what `zstd -dc` prints of an evidence file: messages with one block each. They are read as a file's blocks
/// are, and what was read is kept and read again.
func readEvidence(_ input: [UInt8]) {
  // Whatever it is, it may be a file.
  for capture in (try? EvidenceFile(input))?.captures ?? [] { _ = try? capture.part }
  guard let part = try? read(messages(of: input)) else { return }
  checkKept(part)
  let evidence = Evidence.united([part])
  checkVerdict(judge(evidence, under: Policy()), mayPass: true)
  checkFlows(of: evidence)
}

/// The input up to each end of a block; what is no block is one message with what follows.
private func messages(of input: [UInt8]) -> [[UInt8]] {
  var messages: [[UInt8]] = []
  var rest = input[...]
  while let length = blockLength(rest) {
    messages.append(Array(rest.prefix(length)))
    rest = rest.dropFirst(length)
  }
  return rest.isEmpty ? messages : messages + [Array(rest)]
}

/// Of a first field that is a block: its tag (number 1, of a length), a length in groups of seven bits, and as many bytes.
private func blockLength(_ bytes: ArraySlice<UInt8>) -> Int? {
  guard bytes.first == 1 << 3 | 2 else { return nil }
  var length = 0
  for (index, byte) in bytes.dropFirst().prefix(4).enumerated() {
    length |= Int(byte & 0x7f) << (7 * index)
    guard byte & 0x80 == 0 else { continue }
    let whole = 2 + index + length
    return whole <= bytes.count ? whole : nil
  }
  return nil
}

private func read(_ messages: [[UInt8]]) throws(EvidenceFileError.Fault) -> CapturePart {
  var content: [UInt8] = []
  for message in messages { content += try ZstdFrame.compress(message) }
  var blocks = BlockReader(content, at: 0)
  return try Unpacking.of(&blocks, from: 0).part
}

/// What was read is evidence like any other: it is kept, and what was kept is read, and says the same.
private func checkKept(_ part: CapturePart) {
  do throws(EvidenceFileError.Fault) {
    let kept = try KeptCapture(part)
    let bytes = EvidenceFile([kept]).bytes
    let again = try EvidenceFile(bytes)
    mustHold(again.captures.count == 1)
    let keptAgain = try KeptCapture(again.captures[0].part)
    mustHold(EvidenceFile([keptAgain]).bytes == bytes)
    guard var anonymiser = Anonymiser(key: Array(0..<32)) else { fatalError("no key") }
    _ = try KeptCapture(anonymiser.changed(part, hasSight: false))
  } catch {
    fatalError("what was read cannot be kept: \(error)")
  }
}
