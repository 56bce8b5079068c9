import ArgumentParser
import Wire

/// A number of bytes, as `512M` or `4G`.
struct ByteCount: Equatable {
  var bytes: Int

  private static let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
  private static let least = 64 << 20

  /// Reads `512M`.
  init(argument: String) throws {
    let unit = argument.last.flatMap { Self.units[Character($0.uppercased())] }
    let digits = unit == nil ? argument[...] : argument.dropLast()
    guard let number = Int(digits), number > 0 else { throw Self.unexpected }
    let (bytes, isTooMany) = number.multipliedReportingOverflow(by: unit ?? 1)
    guard !isTooMany, bytes >= Self.least else { throw Self.unexpected }
    self.bytes = bytes
  }

  init(bytes: Int) { self.bytes = bytes }

  private static let unexpected = ValidationError("Expected a number of bytes from 64M, such as 512M or 4G.")

  /// As it is given: `512M`.
  var text: String { bytes.isMultiple(of: 1 << 20) ? "\(bytes >> 20)M" : "\(bytes)" }
}

/// How much memory a run may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take no more memory than about this: 512M, 4G. Of a flood of half-open connections only the number is kept, and where that \
      is not enough a sample of the flows. (default: 512M; for flows and evidence, as much as it takes)
      """, valueName: "size"),
    transform: ByteCount.init(argument:))
  var maxMemory: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Choose the sample by this number, which whoever floods the site must not know. The same one joins captures. (default: 0)",
      valueName: "number"))
  var samplingKey: UInt64 = 0

  /// Holds where no other is given.
  static let standard = ByteCount(bytes: 512 << 20)

  /// How many bytes the flows of each file may take, of what all may: the more, the larger the file is.
  func flowLimits(ofFiles inputs: [CaptureInput], byDefault standard: ByteCount?) -> [Int?] {
    guard let all = flowLimit(ofInputs: 1, byDefault: standard) else {
      return Array(repeating: nil, count: inputs.count)
    }
    let needs = inputs.map(\.mostFlowBytes)
    let sum = needs.reduce(0, +)
    return needs.map { Int(Double(all) * ($0 / sum)) }
  }

  /// How many bytes flows may take, where so many inputs are read; what else is kept and the judgement take the rest.
  func flowLimit(ofInputs count: Int, byDefault standard: ByteCount?) -> Int? {
    (maxMemory ?? standard).map { $0.bytes / 100 * 35 / max(1, count) }
  }
}
