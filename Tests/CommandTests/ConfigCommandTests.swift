import Foundation
import TestSupport
import Testing

/// `--config`, `--no-config` and `init` as users run them.
@Suite struct ConfigCommandTests {
  private static let capture = Repository.fixture("traps/arp-answer-v4-bad.pcap")
  private static let told = "dsrproof: takes dsrproof.yaml of the working directory; --no-config leaves it out\n"

  /// A fault that is waived until a far day, or was until one long past.
  private func site(until day: String = "9999-12-31") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let text = """
      services: [10.1.10.10:80]
      balancers: [06:1f:8a:6c:8e:d2]
      policy:
        waivers: [{check: ARP001, reason: CHG-1, until: \(day)}]
      """
    _ = try folder.file("dsrproof.yaml", Data(text.utf8))
    return folder
  }

  @Test func theFileOfTheWorkingDirectoryIsTakenAndNamed() throws {
    let folder = try site()
    let result = try Executable.run(["-r", Self.capture], in: folder.url)
    #expect(result.status == 0)
    #expect(result.errors == Self.told)
    #expect(result.output.contains("WAIVED until 9999-12-31: CHG-1"))
  }

  @Test func aWaiverOfThePastIsNone() throws {
    let folder = try site(until: "2020-01-01")
    let result = try Executable.run(["-r", Self.capture], in: folder.url)
    #expect(result.status == 1)
    #expect(result.output.contains("NOT WAIVED since its waiver ended on 2020-01-01: CHG-1"))
  }

  /// A mount that failed is no wish to go without.
  @Test func aLinkToNothingIsNoConfiguration() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("dsrproof.yaml"), withDestinationPath: folder.path("none.yaml"))
    let result = try Executable.run(["-r", Self.capture, "--vip", "10.1.10.10:80"], in: folder.url)
    #expect(result.status == 2 && result.output == "")
    #expect(try Executable.run(["-r", Self.capture, "-o", "dsrproof.yaml", "--no-config"], in: folder.url).status == 2)
  }

  @Test func oneMACIsOneStations() throws {
    let mac = "06:1f:8a:6c:8e:d2"
    let result = try Executable.run("-r", Self.capture, "--balancer-mac", mac, "--backend", "10.1.10.21=\(mac)")
    #expect(result.status == 64)
    #expect(result.errors.contains("\(mac) is named as the balancer's and as backend 10.1.10.21's"))
  }

  @Test func itIsLeftOutOrReplacedOnDemand() throws {
    let folder = try site()
    let arguments = ["-r", Self.capture, "--vip", "10.1.10.10:80", "--balancer-mac", "06:1f:8a:6c:8e:d2"]
    let without = try Executable.run(arguments + ["--no-config"], in: folder.url)
    #expect(without.status == 1 && without.errors == "")
    let past = try site(until: "2020-01-01")
    let other = past.path("dsrproof.yaml")
    let replaced = try Executable.run(arguments + ["--config", other], in: folder.url)
    #expect(replaced.status == 1 && replaced.errors == "")
    #expect(try Executable.run(arguments + ["--config", other, "--no-config"], in: folder.url).status == 64)
  }

  @Test func aFaultStopsWithFileAndLine() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("site.yaml", Data("services:\n  - vip: 10.1.10.10\n    min-flow: 3\n".utf8)).path
    let result = try Executable.run("-r", Self.capture, "--config", file)
    #expect(result.status == 2 && result.output == "")
    #expect(
      result.errors
        == "dsrproof: \(file): line 3: expected one of the keys vip, name, min-flows, proof (nearest: min-flows), found min-flow\n"
    )
  }

  @Test func tablesAreFoundBesideTheFileAndNoneIsOverwritten() throws {
    let folder = try TemporaryFolder()
    let table = try Data(contentsOf: Repository.fixtures.appending(path: "tables/seed/ipvsadm"))
    _ = try folder.file("ipvsadm", table)
    let text = "services: [10.1.10.10:80]\ntables: {ipvs: [{host: lb1, file: ipvsadm, role: balancer}]}\n"
    let file = try folder.file("site.yaml", Data(text.utf8)).path
    let seed = Repository.fixture("seed.pcap")
    let result = try Executable.run("-r", seed, "--config", file)
    #expect(result.status == 1 && result.output.contains("ipvs-wrong-forwarding"))
    #expect(result.output.contains(folder.path("ipvsadm")))
    for path in [file, folder.path("ipvsadm")] {
      #expect(try Executable.run("-r", seed, "--config", file, "-o", path).status == 64)
    }
    #expect(try folder.text("site.yaml") == text)
  }

  @Test func initWritesAFileOnce() throws {
    let folder = try TemporaryFolder()
    let arguments = ["init", "-r", Repository.fixture("lab/route/client.pcap")]
    let shown = try Executable.run(arguments, in: folder.url)
    #expect(shown.status == 0 && shown.errors == "")
    #expect(try Executable.run(arguments + ["-o", "dsrproof.yaml"], in: folder.url).status == 0)
    #expect(try folder.text("dsrproof.yaml") == shown.output)
    let again = try Executable.run(arguments + ["-o", "dsrproof.yaml", "--vip", "10.9.9.9"], in: folder.url)
    #expect(again.status == 64 && again.errors.contains("--force"))
    #expect(try folder.text("dsrproof.yaml") == shown.output)
    let forced = arguments + ["-o", "dsrproof.yaml", "--vip", "10.9.9.9", "--force"]
    #expect(try Executable.run(forced, in: folder.url).status == 0)
    #expect(try folder.text("dsrproof.yaml").contains("10.9.9.9"))
  }
}
