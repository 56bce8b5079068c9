public import Foundation

/// A network of hosts on one Ethernet, each in a network namespace that is made for the test and goes with it: needs root,
/// iproute2 and nftables. All of them hang on the bridge of one more namespace, which sees what a mirror port sees.
public final class NetworkNamespaces: Sendable {
  /// A host and its interface `eth1`.
  public struct Host: Sendable {
    public var name: String
    public var mac: String
    public var address: String

    public init(_ name: String, mac: String, address: String) {
      self.name = name
      self.mac = mac
      self.address = address
    }
  }

  public static var isRoot: Bool { geteuid() == 0 }
  public static let needs = "needs root, for network namespaces of its own"

  private let prefix = "dsrproof-\(UInt32.random(in: 0 ... .max))"
  private let hosts: [String]

  public init(_ hosts: [Host]) throws {
    self.hosts = hosts.map(\.name) + ["switch"]
    for name in self.hosts {
      try ip("netns", "add", namespace(name))
      try ip("-n", namespace(name), "link", "set", "lo", "up")
    }
    let bridge = namespace("switch")
    try ip("-n", bridge, "link", "add", "br0", "type", "bridge")
    try ip("-n", bridge, "link", "set", "br0", "up")
    for host in hosts {
      let own = namespace(host.name)
      try ip(
        "-n", own, "link", "add", "eth1", "address", host.mac, "type", "veth", "peer", "name", host.name, "netns",
        bridge)
      try ip("-n", own, "address", "add", "\(host.address)/24", "dev", "eth1")
      try ip("-n", own, "link", "set", "eth1", "up")
      try ip("-n", bridge, "link", "set", host.name, "master", "br0", "up")
    }
  }

  deinit { for name in hosts { try? ip("netns", "delete", namespace(name)) } }

  /// How the system knows a host's namespace.
  public func namespace(_ host: String) -> String { "\(prefix)-\(host)" }

  /// Runs `ip` on a host.
  public func configure(_ host: String, _ arguments: String...) throws {
    try ip(["-n", namespace(host)] + arguments)
  }

  /// Runs a program on a host to its end.
  @discardableResult
  public func run(_ host: String, _ command: String...) throws -> CommandLineTool.Result {
    try runAll(host, command)
  }

  /// The same with a program's words in a list.
  @discardableResult
  public func runAll(_ host: String, _ command: [String]) throws -> CommandLineTool.Result {
    try CommandLineTool.run(Self.tool("ip"), ["netns", "exec", namespace(host)] + command)
  }

  /// Starts a program on a host; what it prints goes to files. It is ended with the process object.
  public func start(_ host: String, _ command: [String], output: URL? = nil, errors: URL? = nil) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: try Self.tool("ip"))
    process.arguments = ["netns", "exec", namespace(host)] + command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try output.map(FileHandle.init(forWritingTo:)) ?? FileHandle.nullDevice
    process.standardError = try errors.map(FileHandle.init(forWritingTo:)) ?? FileHandle.nullDevice
    try process.runUnblocked()
    return process
  }

  /// Gives a host nftables' rules.
  public func filter(_ host: String, _ rules: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("rules", Data(rules.utf8))
    try run(host, Self.tool("nft"), "-f", file.path).expectSuccess()
  }

  private func ip(_ arguments: String...) throws { try ip(arguments) }

  private func ip(_ arguments: [String]) throws {
    try CommandLineTool.run(Self.tool("ip"), arguments).expectSuccess()
  }

  private static func tool(_ name: String) throws -> String {
    guard
      let path = (CommandLineTool.candidates(name) + ["/usr/sbin/\(name)", "/sbin/\(name)"])
        .first(where: FileManager.default.isExecutableFile(atPath:))
    else { throw CommandLineTool.Failure(description: "\(name) is missing: scripts/install-dependencies test") }
    return path
  }
}

extension CommandLineTool.Result {
  fileprivate func expectSuccess() throws {
    guard status == 0 else { throw CommandLineTool.Failure(description: "exit status \(status): \(errors)\(output)") }
  }
}
