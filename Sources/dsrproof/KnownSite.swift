import Checks

/// What the command line says of a site beside its configuration.
final class KnownSite {
  let config: Config
  /// The tables of both.
  private(set) var files: TableOptions
  private(set) var policy: Policy

  init(_ configuration: ConfigOptions, _ tables: TableOptions, policy: (Config) -> Policy) throws {
    config = try configuration.read()
    files = tables
    files.add(config.tables)
    self.policy = policy(config)
    try files.meaning.add(to: &self.policy)
  }

  /// What is read of it.
  var paths: [String] { files.paths + config.paths }
}
