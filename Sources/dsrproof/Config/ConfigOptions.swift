import ArgumentParser
import Checks
import Platform
import Report
import Tables
import Wire

/// Which configuration file counts.
struct ConfigOptions: ParsableArguments {
  static let fileName = "dsrproof.yaml"

  @Option(
    help: ArgumentHelp(
      """
      Read services, balancers, backends, tables and policy from this file. Without it, \(fileName) is taken where it \
      stands in the working directory.
      """, valueName: "file"),
    completion: .file())
  var config: String?

  @Flag(help: ArgumentHelp("Leave \(fileName) of the working directory out."))
  var noConfig = false

  func validate() throws {
    if noConfig, config != nil { throw ValidationError("Give --config or --no-config, not both.") }
  }

  /// An empty configuration where there is none.
  func read() throws(Failure) -> Config {
    if noConfig { return Config() }
    if let config { return try Config(path: config) }
    // A link to nothing is no wish to go without.
    guard fileStatus(Self.fileName) != nil || linkTarget(Self.fileName) != nil else { return Config() }
    complain("takes \(Self.fileName) of the working directory; --no-config leaves it out")
    return try Config(path: Self.fileName)
  }
}

extension Config {
  /// Hundreds of services fill a small part of it.
  private static let largest = 1 << 20

  init(path: String) throws(Failure) {
    let text = try inputText(at: path, kind: "configuration", atMost: Self.largest)
    do {
      try self.init(text: text, folder: path == "-" ? "" : path.parentPath)
    } catch {
      throw Failure(error, in: path)
    }
    paths = [path]
  }
}

extension Day {
  /// The date in UTC.
  static var today: Day { Day(String(Timestamp.now.iso8601.prefix(10))) ?? .last }
}
