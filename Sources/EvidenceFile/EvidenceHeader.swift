import Cryptography

/// What stands before each capture's evidence: a skippable frame of zstd (RFC 8878 section 3.1.2), so that what unpacks zstd
/// reads over it. All numbers are little-endian.
struct EvidenceHeader {
  static let version: UInt32 = 1
  /// Magic number, length of what follows, and the name of the form.
  static let signature: [UInt8] = [0x5d, 0x2a, 0x4d, 0x18, 72, 0, 0, 0] + Array("dsrproof".utf8)
  static let length = 80

  /// How many captures stand behind this one at least.
  var following: UInt32 = 0
  /// Of the content, in bytes.
  var contentLength: UInt64
  var blocks: UInt64
  /// Records of flows, and what was seen besides.
  var records: UInt64
  /// SHA-256 of version, length, blocks, records and content.
  var digest: [UInt8]

  /// Of a content that is at hand.
  init(of content: [UInt8], blocks: UInt64, records: UInt64) {
    (contentLength, self.blocks, self.records) = (UInt64(content.count), blocks, records)
    digest = []
    digest = digest(of: content[...])
  }

  /// Reads the one that begins at `offset`.
  init(_ bytes: [UInt8], at offset: Int) throws(EvidenceFileError.Fault) {
    let rest = bytes[offset...].prefix(Self.length)
    guard rest.starts(with: Self.signature.prefix(rest.count)) else {
      throw .notEvidence(offset: UInt64(offset), found: Array(rest.prefix(Self.signature.count)))
    }
    guard rest.count == Self.length else {
      throw .headerCutShort(offset: UInt64(offset), expected: Self.length, found: rest.count)
    }
    let number = { (from: Int, count: Int) in
      rest.dropFirst(from).prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let version = UInt32(truncatingIfNeeded: number(16, 4))
    guard version == Self.version else { throw .unsupportedVersion(offset: UInt64(offset), found: version) }
    following = UInt32(truncatingIfNeeded: number(20, 4))
    (contentLength, blocks, records) = (number(24, 8), number(32, 8), number(40, 8))
    digest = Array(rest.dropFirst(48))
  }

  var bytes: [UInt8] {
    Self.signature + Self.octets(Self.version) + Self.octets(following) + counts + digest
  }

  func digest(of content: ArraySlice<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update((Self.octets(Self.version) + counts).span)
    hash.update(content.span)
    return hash.digest()
  }

  private var counts: [UInt8] { Self.octets(contentLength) + Self.octets(blocks) + Self.octets(records) }

  private static func octets<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
