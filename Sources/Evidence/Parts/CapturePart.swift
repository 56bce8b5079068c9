public import Wire

/// One file, or one pipe, as it was read: a capture of its own, or a part of one.
public struct CapturePart: Sendable {
  /// What it shows, as the only capture.
  public var evidence: Evidence
  public var path: String
  /// The name that the user gave the place.
  public var name: String?
  /// The number of the last frame.
  public var lastFrame: UInt64
  public var interfaces: [Interface]
  /// The filter that each interface was captured with, an expression as in tcpdump; `nil` where the file does not tell.
  public var filters: [String?] = []
  /// It has every frame that its filters let pass.
  public var isWhole = false
  /// Which key its addresses were changed with, where they were.
  public var keyIdentifier: UInt64?

  /// An interface that it was captured at.
  public struct Interface: Hashable, Sendable {
    public var name: String
    /// What the file tells of the host, and of the interface; empty where it does not.
    public var origin: String
    public var linkType: LinkType

    public init(name: String, origin: String, linkType: LinkType) {
      (self.name, self.origin, self.linkType) = (name, origin, linkType)
    }
  }

  public init(
    evidence: Evidence, path: String, name: String? = nil, lastFrame: UInt64, interfaces: [Interface]
  ) {
    (self.evidence, self.path, self.name) = (evidence, path, name)
    (self.lastFrame, self.interfaces) = (lastFrame, interfaces)
  }

  /// Gives it another path, in what it shows too.
  public mutating func rename(_ path: String) {
    self.path = path
    for index in evidence.captures.indices { evidence.captures[index].path = path }
  }

  /// Notes whether both directions of every flow would have been seen.
  public mutating func note(showsBothDirections: Bool) {
    for index in evidence.captures.indices { evidence.captures[index].showsBothDirections = showsBothDirections }
  }

  /// Notes which evidence file it was read from.
  public mutating func note(evidenceFile: String) {
    for index in evidence.captures.indices { evidence.captures[index].evidenceFile = evidenceFile }
  }

  var summary: CaptureSummary { evidence.captures.first ?? CaptureSummary(path: path) }

  /// From its first frame to its last.
  var times: ClosedRange<Timestamp>? {
    guard let first = summary.firstTime, let last = summary.lastTime, first <= last else { return nil }
    return first...last
  }
}

extension Timestamp {
  /// It does not come before `end`, give or take what a kernel's processors hand over out of order.
  func follows(_ end: Timestamp) -> Bool { self >= end || seconds(since: end) >= -0.01 }
}
