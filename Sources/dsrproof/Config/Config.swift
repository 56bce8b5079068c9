import Checks
import Wire

/// What a configuration file says: the options of the command line, for a whole site. docs/config.md has every key.
struct Config {
  var services: [ServicePattern] = []
  var names: [ServicePattern: String] = [:]
  var minimumFlowsOfServices: [ServicePattern: Int] = [:]
  var minimumProofOfServices: [ServicePattern: ServiceVerdict.Proof] = [:]
  var balancerMACs: [MACAddress] = []
  var backends: [Policy.Backend] = []
  var stationNames = Policy.StationNames()
  var tables = TableFiles()
  var minimumFlows: Int?
  var minimumProof: ServiceVerdict.Proof?
  /// In percent.
  var maximumDrops: Double?
  var maximumBackground: Double?
  var vantage: Vantage?
  var severities: [String: Severity] = [:]
  var waivers: [Waiver] = []
  /// The file itself, for whoever must not overwrite it.
  var paths: [String] = []

  /// The tables as the options of the command line name them.
  struct TableFiles {
    var ipvs: [String] = []
    var roles: [IPVSOptions.Role] = []
    var hosts: [String] = []
    var kubernetes: [String] = []
    var as3: [String] = []
    var firewallMarks: [String] = []
  }
}

extension TableOptions {
  /// Puts the file's tables before those of the command line. Of two words on a host's role the later holds.
  mutating func add(_ files: Config.TableFiles) {
    ipvs = files.ipvs + ipvs
    host = files.hosts + host
    kubernetes = files.kubernetes + kubernetes
    as3 = files.as3 + as3
    meaning.ipvsRole = files.roles + meaning.ipvsRole
    meaning.fwmark = files.firewallMarks + meaning.fwmark
  }
}
