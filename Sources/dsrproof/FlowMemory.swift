/// How many bytes the flows may take that several threads see apart from each other, until they are merged.
struct FlowMemory {
  private let limit: Int?
  /// So many threads may read apart.
  let threads: Int
  /// More than that merges.
  private(set) var most: Int
  /// From here on flows may have to be dropped: how many hangs on the order of the frames.
  private(set) var needsOrder: Bool

  private static let leastWithoutLimit = 256 << 20

  init(limit: Int?, threads: Int, batch: Int) {
    self.limit = limit
    guard let limit else {
      (self.threads, most, needsOrder) = (threads, Self.leastWithoutLimit, false)
      return
    }
    // Before it is noticed that there is too much, each thread may add a batch, whose records take several times as much as flows
    // as they do in the file, and a table may double in size. Of ever more threads that would leave nothing.
    let growth = 4 * batch
    self.threads = min(threads, max(1, limit / 8 * 3 / growth))
    most = limit / 4 * 3 - growth * self.threads
    needsOrder = most < limit / 4
  }

  /// Takes note of what the flows take once they are merged.
  mutating func note(merged bytes: Int) {
    if limit == nil {
      most = max(Self.leastWithoutLimit, bytes * 2)
    } else if isNearLimit(bytes) {
      needsOrder = true
    }
  }

  /// Flows that are merged take so much that what is read next may make them too many.
  func isNearLimit(_ bytes: Int) -> Bool { limit != nil && bytes > most / 2 }

  // MARK: Floods

  /// In a capture that just began every flow is new.
  private static let fewFlows = 1 << 16

  /// Every second of so many frames began a flow: before there were `before` of them.
  static func isFlood(_ frames: Int, flows before: Int, _ after: Int) -> Bool {
    after > fewFlows && (after - before) * 2 > frames
  }

  /// No flood, nor nearly: not one in eight did.
  static func isCalm(_ frames: Int, flows before: Int, _ after: Int) -> Bool { (after - before) * 8 < frames }
}
