import Foundation
import TestSupport
import Testing

/// `--kubernetes FILE` from the command line to the report.
@Suite struct KubernetesOptionTests {
  private static let seed = ["verify", "-r", "seed.pcap", "--vip", "10.1.10.10:80"]
  private static let objects = "tables/kubernetes/seed.yaml"

  private func run(_ arguments: [String], input: Data = Data()) throws -> (
    status: Int32, output: String, errors: String
  ) {
    let result = try Executable.run(Self.seed + arguments, input: input, in: Repository.fixtures)
    return (result.status, result.output, result.errors)
  }

  @Test func objectsAreReadFromAFileAndFromStandardInput() throws {
    let text = try Data(contentsOf: Repository.fixtures.appending(path: Self.objects))
    let named = try run(["--kubernetes", Self.objects])
    #expect(named.status == 0)
    #expect(named.output.contains("Kubernetes objects"))
    #expect(try run(["--kubernetes", "-"], input: text).status == 0)
  }

  @Test func severalFilesAreJudgedTogether() throws {
    let both = try run(["--kubernetes", Self.objects, "--kubernetes", "tables/kubernetes/strict-arp-off.yaml"])
    #expect(both.status == 1)
    #expect(both.output.contains("K8S005 strict-arp-off"))
  }

  @Test func aFaultIsShownByFileAndLine() throws {
    let result = try run(["--kubernetes", "tables/kubernetes/traffic-policy-not-local.yaml"])
    #expect(result.status == 1)
    #expect(result.output.contains("18 of tables/kubernetes/traffic-policy-not-local.yaml"))
  }

  @Test func whatCannotBeReadStopsWithFileLineAndWhatWasExpected() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: Repository.fixtures.appending(path: Self.objects), encoding: .utf8)
    let file = try folder.file("svc.yaml", Data(text.replacingOccurrences(of: "port: 80\n", with: "port: web\n").utf8))
    let result = try run(["--kubernetes", file.path])
    #expect(result.status == 2 && result.output == "")
    #expect(
      result.errors == "dsrproof: \(file.path): line 13: expected port: a port, from 1 to 65535, found web\n")
    let empty = try run(["--kubernetes", "-"])
    #expect(empty.status == 2)
    #expect(
      empty.errors.hasPrefix("dsrproof: standard input: expected a Service") && empty.errors.hasSuffix("nothing\n"))
    let missing = try run(["--kubernetes", folder.path("none.yaml")])
    #expect(missing.status == 2 && missing.errors.contains("No such file"))
  }

  @Test func aTableIsNotOverwritten() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("svc.yaml", try Data(contentsOf: Repository.fixtures.appending(path: Self.objects)))
    let result = try run(["--kubernetes", file.path, "-o", file.path])
    #expect(result.status != 0 && result.output == "")
    #expect(try folder.text("svc.yaml").hasPrefix("apiVersion: v1"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func shellsCompleteIt(shell: String) throws {
    let result = try Executable.run(["--generate-completion-script", shell])
    #expect(result.output.contains("kubernetes"))
  }

  @Test func everyDamagedFileGivesAnExitStatusWithAMeaning() throws {
    let seed = SeededGenerator.seed(for: "KubernetesOptionTests")
    var random = SeededGenerator(seed: seed)
    let text = [UInt8](try Data(contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/cluster.yaml")))
    for _ in 0..<30 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.damage(using: &random) }
      let result = try run(["--kubernetes", "-"], input: Data(bytes))
      if result.status == 2 {
        #expect(result.output == "" && result.errors.hasPrefix("dsrproof: standard input: "), "seed \(seed)")
        #expect(result.errors.split(separator: "\n").count == 1, "seed \(seed): \(result.errors)")
      } else {
        #expect([0, 1, 3].contains(result.status) && result.errors == "", "seed \(seed): \(result.errors)")
      }
    }
  }
}
