import Cryptography
public import Evidence
import EvidenceSchema
import Wire

/// What two captures with the same frames have in common at least, told without a look at their flows.
public struct CaptureExtent: Hashable, Sendable {
  let frames: UInt64
  private let bytes: UInt64
  private let firstTime: UInt64?
  private let lastTime: UInt64?

  public init(_ summary: CaptureSummary) {
    (frames, bytes) = (summary.frames, summary.bytes)
    (firstTime, lastTime) = (summary.firstTime?.sinceEpoch, summary.lastTime?.sinceEpoch)
  }

  init(_ message: CaptureMessage) {
    (frames, bytes) = (message.frames, message.bytes)
    firstTime = message.hasFirstTime ? message.firstTime : nil
    lastTime = message.hasLastTime ? message.lastTime : nil
  }
}

extension [CapturePart] {
  /// Groups of captures that differ in path and place alone, so that they are one capture that was given twice.
  public var copies: [[CapturePart]] {
    get throws(EvidenceFileError.Fault) {
      // Packing is slow: only what has equals in extent is packed to be compared.
      try copies(
        extent: { CaptureExtent($0.evidence.captures[0]) },
        digest: { part throws(EvidenceFileError.Fault) in try KeptCapture(part).framesDigest })
    }
  }
}

extension [KeptCapture] {
  /// Groups of captures that differ in path and place alone.
  public var copies: [[KeptCapture]] {
    get throws(EvidenceFileError.Fault) {
      try copies(
        extent: \.extent, digest: { capture throws(EvidenceFileError.Fault) in try capture.framesDigest })
    }
  }
}

extension Array {
  /// Groups of those that have one extent and one digest, which is asked only of what has equals in extent.
  fileprivate func copies(
    extent: (Element) -> CaptureExtent, digest: (Element) throws(EvidenceFileError.Fault) -> [UInt8]
  ) throws(EvidenceFileError.Fault) -> [[Element]] {
    var copies: [[Element]] = []
    for group in alike(by: extent) where extent(group[0]).frames > 0 {
      var digested: [(element: Element, digest: [UInt8])] = []
      for element in group { digested.append((element, try digest(element))) }
      copies += digested.alike(by: \.digest).map { $0.map(\.element) }
    }
    return copies
  }

  /// Groups of two and more that have one key, in the order of their first.
  fileprivate func alike<Key: Hashable>(by key: (Element) -> Key) -> [[Element]] {
    Dictionary(grouping: indices) { key(self[$0]) }.values.filter { $0.count > 1 }
      .sorted { $0[0] < $1[0] }
      .map { group in group.map { self[$0] } }
  }
}

extension KeptCapture {
  /// SHA-256 of what it says but for path and place.
  fileprivate var framesDigest: [UInt8] {
    get throws(EvidenceFileError.Fault) {
      var blocks = BlockReader(content, at: 0)
      guard case .capture(let described)? = try blocks.next() else { return header.digest }
      var capture = described
      capture.path = ""
      capture.clearName()
      var writer = BlockWriter()
      try writer.add(.capture(capture))
      var hash = SHA256()
      let (description, rest) = (writer.content, content[blocks.position...])
      hash.update(description.span)
      hash.update(rest.span)
      return hash.digest()
    }
  }
}
