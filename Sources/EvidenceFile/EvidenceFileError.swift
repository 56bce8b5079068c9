/// Why an evidence file cannot be read: which file, and what is wrong in it.
public struct EvidenceFileError: Error, Hashable, Sendable {
  public var path: String
  public var fault: Fault

  public init(path: String, fault: Fault) {
    (self.path, self.fault) = (path, fault)
  }

  /// What is wrong. Offsets count bytes from the start of the file.
  public enum Fault: Error, Hashable, Sendable {
    /// No header of a capture's evidence begins here; with the bytes that stand there.
    case notEvidence(offset: UInt64, found: [UInt8])
    case headerCutShort(offset: UInt64, expected: Int, found: Int)
    /// A later version of this program wrote it.
    case unsupportedVersion(offset: UInt64, found: UInt32)
    case cutShort(offset: UInt64, expected: UInt64, found: UInt64)
    /// The file ends, and its last header says that so many captures follow.
    case capturesMissing(offset: UInt64, expected: UInt32)
    /// A header says that so many captures follow, which the one before said otherwise.
    case capturesMiscounted(offset: UInt64, expected: UInt32, found: UInt32)
    case checksum(offset: UInt64, expected: [UInt8], found: [UInt8])
    case decompression(offset: UInt64, reason: String)
    /// A block is no message that the schema describes.
    case undecodable(offset: UInt64, reason: String)
    /// What a block says cannot be.
    case contradiction(offset: UInt64, field: String, expected: String, found: String)
    /// It could not be written.
    case compression(reason: String)
  }
}

extension EvidenceFileError: CustomStringConvertible {
  /// One line: what was expected, what was found, and what to do about it.
  public var description: String { "\(path == "-" ? "standard input" : path): \(fault)" }
}

extension EvidenceFileError.Fault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notEvidence(let offset, let found):
      "expected the evidence of a capture at offset \(offset), found \(hex(found)); copy it again"
    case .headerCutShort(let offset, let expected, let found):
      "cut short: expected a header of \(expected) bytes at offset \(offset), found \(found); copy it again"
    case .unsupportedVersion(let offset, let found):
      """
      evidence of version \(found) at offset \(offset): expected version \(EvidenceHeader.version); read it with a newer \
      dsrproof
      """
    case .cutShort(let offset, let expected, let found):
      "cut short: expected \(expected) bytes of evidence from offset \(offset) on, found \(found); copy it again"
    case .capturesMissing(let offset, let expected):
      """
      cut short: expected \(expected) more capture\(expected == 1 ? "" : "s") at offset \(offset), found the end of the \
      file; copy it again
      """
    case .capturesMiscounted(let offset, let expected, let found):
      """
      header at offset \(offset): expected that \(expected) captures follow, found \(found); the file is damaged here: copy \
      it again
      """
    case .checksum(let offset, let expected, let found):
      """
      evidence from offset \(offset) on: expected the SHA-256 \(hex(expected)), found \(hex(found)); the file is damaged: \
      copy it again
      """
    case .decompression(let offset, let reason):
      "block at offset \(offset): expected zstd data, found \(reason); the file is damaged: copy it again"
    case .undecodable(let offset, let reason):
      "block at offset \(offset): expected a message of schema/evidence.proto, found \(reason); write it again"
    case .contradiction(let offset, let field, let expected, let found):
      "block at offset \(offset), \(field): expected \(expected), found \(found); write it again from the capture"
    case .compression(let reason):
      "cannot compress: \(reason)"
    }
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
