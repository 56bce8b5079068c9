public import Evidence
import EvidenceSchema
import Wire

/// The evidence of captures as a file keeps it. `docs/evidence.md` describes the form.
///
/// Captures stand in an order that only they decide, and none twice: files merge in any grouping and order, and give the same
/// bytes.
public struct EvidenceFile: Sendable {
  /// What a file of this form begins with.
  public static var signature: [UInt8] { EvidenceHeader.signature }

  public private(set) var captures: [KeptCapture] = []

  public init(_ captures: [KeptCapture]) {
    for capture in captures.sorted() where self.captures.last?.header.digest != capture.header.digest {
      self.captures.append(capture)
    }
  }

  /// Reads a file, or several that were put behind each other. What it says of each capture is looked into by
  /// `KeptCapture.part`; that nothing of it is missing or damaged is known already.
  public init(_ bytes: [UInt8]) throws(EvidenceFileError.Fault) {
    var captures: [KeptCapture] = []
    var (offset, following) = (0, UInt32(0))
    repeat {
      if offset == bytes.count, following > 0 {
        throw .capturesMissing(offset: UInt64(offset), expected: following)
      }
      let header = try EvidenceHeader(bytes, at: offset)
      if following > 0, header.following != following - 1 {
        throw .capturesMiscounted(offset: UInt64(offset), expected: following - 1, found: header.following)
      }
      following = header.following
      offset += EvidenceHeader.length
      let rest = bytes[offset...]
      guard header.contentLength <= UInt64(rest.count) else {
        throw .cutShort(offset: UInt64(offset), expected: header.contentLength, found: UInt64(rest.count))
      }
      let content = rest.prefix(Int(header.contentLength))
      let digest = header.digest(of: content)
      guard digest == header.digest else {
        throw .checksum(offset: UInt64(offset), expected: header.digest, found: digest)
      }
      captures.append(try KeptCapture(header, Array(content), at: UInt64(offset)))
      offset += content.count
    } while offset < bytes.count || following > 0
    self.init(captures)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (index, capture) in captures.enumerated() {
      var header = capture.header
      header.following = UInt32(captures.count - index - 1)
      bytes += header.bytes
      bytes += capture.content
    }
    return bytes
  }
}

/// One capture's evidence, packed.
public struct KeptCapture: Sendable {
  let header: EvidenceHeader
  let content: [UInt8]
  /// Where the content stood in its file.
  private let offset: UInt64
  public let path: String
  public let name: String?
  let extent: CaptureExtent

  init(_ header: EvidenceHeader, _ content: [UInt8], at offset: UInt64) throws(EvidenceFileError.Fault) {
    (self.header, self.content, self.offset) = (header, content, offset)
    var blocks = BlockReader(content, at: offset)
    guard case .capture(let capture)? = try blocks.next() else {
      throw .contradiction(offset: offset, field: "the first block", expected: "a capture", found: "none")
    }
    path = capture.path
    name = capture.hasName ? capture.name : nil
    extent = CaptureExtent(capture)
  }

  /// Packs what was read of a file or a pipe.
  public init(_ part: CapturePart) throws(EvidenceFileError.Fault) {
    var writer = BlockWriter()
    try writer.add(part)
    content = writer.content
    header = EvidenceHeader(of: content, blocks: writer.blocks, records: writer.records)
    (offset, path, name) = (0, part.path, part.name)
    extent = CaptureExtent(part.evidence.captures[0])
  }

  /// What was read of the file or pipe.
  public var part: CapturePart {
    get throws(EvidenceFileError.Fault) {
      var blocks = BlockReader(content, at: offset)
      let unpacking = try Unpacking.of(&blocks, from: offset)
      for (what, expected, found) in [
        ("blocks", header.blocks, blocks.count), ("records", header.records, unpacking.records),
      ] where expected != found {
        throw .contradiction(
          offset: offset, field: "its count of \(what)", expected: "\(expected)", found: "\(found)")
      }
      return unpacking.part
    }
  }
}

extension KeptCapture: Comparable, Hashable {
  private var order: (String, String) { (name ?? "", path) }

  public static func < (a: KeptCapture, b: KeptCapture) -> Bool {
    a.order != b.order ? a.order < b.order : a.header.digest.lexicographicallyPrecedes(b.header.digest)
  }

  public static func == (a: KeptCapture, b: KeptCapture) -> Bool { a.header.digest == b.header.digest }

  public func hash(into hasher: inout Hasher) { hasher.combine(header.digest) }
}
