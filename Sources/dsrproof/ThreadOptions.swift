import ArgumentParser

/// By how many threads files are read.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Read files by so many threads. (default: as many as there are processors, and fewer for small files)
      """, valueName: "count"),
    transform: positive(argument:))
  var threads: Int?

  /// How much is read at a time, where a test asks for less than what is best.
  var blockSize: Int?

  enum CodingKeys: CodingKey { case threads }

  init() {}

  /// Of less than that for each of them, one is as fast.
  private static let leastShare: UInt64 = 4 << 20

  /// How many read these files.
  func count(for files: [CaptureInput]) -> Int {
    if let threads { return threads }
    let size = files.reduce(UInt64(0)) { $0 + min($1.size, .max - $0) }
    // Asked for large files alone: a small one is read by then.
    return size < 2 * Self.leastShare ? 1 : min(Processors.count, Int(size / Self.leastShare))
  }
}
