public import Wire

/// Where a report comes from: what differs from run to run over the same captures.
public struct RunRecord: Sendable {
  /// Of the program.
  public var version: String
  /// As it was given, the program's name first.
  public var commandLine: [String]
  /// The host that it ran on; `nil` where the system does not tell.
  public var host: String?
  public var start: Timestamp
  /// When the verdict was reached.
  public var end: Timestamp
  /// What was given that the verdict may depend on, by name, wherever it was given.
  public var options: [String: [String]]

  public init(
    version: String, commandLine: [String], host: String?, start: Timestamp, end: Timestamp,
    options: [String: [String]] = [:]
  ) {
    self.version = version
    self.commandLine = commandLine
    self.host = host
    self.start = start
    self.end = end
    self.options = options
  }
}

extension RunRecord: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("commandLine", commandLine)
      $0.member("end", end)
      $0.member("host", host)
      $0.member("options", options)
      $0.member("start", start)
      $0.member("version", version)
    }
  }
}
