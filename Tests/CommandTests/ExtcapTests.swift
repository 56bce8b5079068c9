import Foundation
import TestSupport
import Testing

/// What Wireshark asks of a program in its folder for extcap, by Wireshark's own tshark.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)))
struct ExtcapTests {
  /// Puts the program alone into tshark's folder, in a mount namespace of its own, and runs what follows.
  private static let launcher = [
    "unshare", "--mount", "sh", "-c",
    """
    folder=$(tshark -G folders 2>/dev/null | sed -n 's/^Extcap path:[[:space:]]*//p') && mount -t tmpfs none "$folder" &&
    ln -s "$0" "$folder/dsrproof" && exec "$@"
    """, Executable.url.path,
  ]

  @Test func tsharkListsTheInterfaces() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let listed = try network.runAll("client", Self.launcher + ["tshark", "-D"])
    #expect(String(decoding: listed.data, as: UTF8.self).contains("dsrproof-eth1 (DSR proof of eth1)"))
    let types = try network.runAll("client", Self.launcher + ["tshark", "-i", "dsrproof-eth1", "-L"])
    #expect((String(decoding: types.data, as: UTF8.self) + types.errors).contains("EN10MB"))
  }

  @Test(arguments: [true, false])
  func tsharkOpensTheFramesThatProveTheVerdict(returnsDirectly: Bool) throws {
    let (network, server) = try returnsDirectly ? LiveNetwork.directReturn() : LiveNetwork.proxy()
    defer { withExtendedLifetime(server) {} }
    let folder = try TemporaryFolder()
    let (output, errors) = (try folder.file("output", Data()), try folder.file("errors", Data()))
    let settings = ["vip: 10.1.10.10:80", "balancermac: 06:1f:8a:6c:8e:d2", "duration: 20s"]
    let command =
      Self.launcher + ["tshark", "-i", "dsrproof-eth1"]
      + settings.flatMap { ["-o", "extcap.dsrproof_eth1.\($0)"] }
      + ["-T", "fields", "-e", "eth.src", "-e", "tcp.flags.str", "-e", "frame.comment"]
    let process = try network.start("client", command, output: output, errors: errors)
    defer { if process.isRunning { process.terminate() } }
    // Requests until it has seen enough of them.
    let end = Date().addingTimeInterval(60)
    while process.isRunning, Date() < end {
      _ = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "2", "http://10.1.10.10/")
      Thread.sleep(forTimeInterval: 0.2)
    }
    #expect(!process.isRunning, "it has not ended")
    process.waitUntilExit()
    let lines = try folder.text("output").split(separator: "\n")
    let complaints = try folder.text("errors")
    let reply = returnsDirectly ? LiveNetwork.backend.mac : LiveNetwork.balancer.mac
    #expect(lines.contains { $0.hasPrefix(reply) && $0.contains("DSR001") }, "\(lines) \(complaints)")
  }

  @Test func whatMakesNoSenseIsRefused() throws {
    for arguments in [
      ["--extcap-interface", "eth1", "--extcap-dlts"], ["--extcap-interface", "dsrproof-eth1"],
      ["--extcap-interface", "dsrproof-eth1", "--capture"], ["--extcap-nonsense"],
    ] {
      let result = try Executable.run(arguments)
      #expect(result.status == 64 && result.output.isEmpty, "\(arguments)")
    }
  }
}
