/// How many bytes the flows may take that several threads see apart from each other, until they are merged.
struct FlowMemory {
  private let limit: Int?
  /// More than that merges.
  private(set) var most: Int
  /// From here on flows may have to be dropped: how many hangs on the order of the frames.
  private(set) var needsOrder: Bool

  private static let leastWithoutLimit = 256 << 20

  init(limit: Int?, threads: Int, batch: Int) {
    self.limit = limit
    guard let limit else {
      (most, needsOrder) = (Self.leastWithoutLimit, false)
      return
    }
    // Before it is noticed that there is too much, each thread may add a batch, whose records take several times as much as flows
    // as they do in the file, and a table may double in size.
    most = limit / 4 * 3 - 4 * threads * batch
    needsOrder = most < limit / 4
  }

  /// Takes note of what the flows take once they are merged.
  mutating func note(merged bytes: Int) {
    if limit == nil {
      most = max(Self.leastWithoutLimit, bytes * 2)
    } else if bytes > most / 2 {
      needsOrder = true
    }
  }
}
