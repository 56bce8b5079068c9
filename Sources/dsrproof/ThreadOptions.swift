import ArgumentParser

/// By how many threads a file is read.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Read a file by so many threads. (default: 1)
      """, valueName: "count"),
    transform: positive(argument:))
  var threads: Int?

  /// How much is read at a time, where a test asks for less than what is best.
  var blockSize: Int?

  enum CodingKeys: CodingKey { case threads }

  init() {}

  /// How many read a file.
  var count: Int { threads ?? 1 }
}
