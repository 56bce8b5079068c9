import Foundation
import TestSupport
import Testing

@testable import Tables

/// The files of `docs/ci` and the Job of `deploy` do what they promise, as far as that goes without the services that they are for.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct RecipeTests {
  enum Recipe: String, CaseIterable { case github, gitlab, job }

  /// What is run, and what has to be there when it ended, whatever it found.
  private struct Work {
    var command: [String]
    var artifacts: [String]
  }

  private static func work(of recipe: Recipe) throws -> Work {
    let path = Repository.root.appending(
      path: recipe == .job ? "deploy/job/job.yaml" : "docs/ci/\(recipe.rawValue).yaml")
    let file = try #require(try DocumentNode.all(of: String(contentsOf: path, encoding: .utf8)).first)
    switch recipe {
    case .github:
      let steps = try #require(file["jobs"]?["verify"]?["steps"]?.items)
      let script = try #require(steps[0]["run"]?.text)
      let kept = try #require(steps[1]["with"]?["path"]?.text)
      // As the runner starts it.
      return Work(
        command: ["bash", "-e", "-c", script], artifacts: kept.split(separator: "\n").map(String.init) + ["summary"])
    case .gitlab:
      let job = try #require(file["direct return"])
      let script = try #require(job["script"]?.texts)
      let kept = try #require(job["artifacts"]?["paths"]?.texts)
      let junit = try #require(job["artifacts"]?["reports"]?["junit"]?.text)
      return Work(command: ["bash", "-e", "-c", script.joined(separator: "\n")], artifacts: kept + [junit])
    case .job:
      let container = try #require(file["spec"]?["template"]?["spec"]?["containers"]?.items.first)
      let command = try #require(container["command"]?.texts)
      let arguments = try #require(container["args"]?.texts)
      let added = try #require(container["securityContext"]?["capabilities"]?["add"]?.texts)
      let bounds = (["-all"] + added.map { "+\($0.lowercased())" }).joined(separator: ",")
      return Work(
        command: ["setpriv", "--bounding-set=\(bounds)", "--inh-caps=-all", "--no-new-privs"] + command + arguments,
        artifacts: ["proof.pcapng", "dsrproof.xml"])
    }
  }

  private struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// Where it ran, with what it left.
    var folder: TemporaryFolder
  }

  /// On the client, in a folder of its own.
  private static func run(_ work: Work, in network: NetworkNamespaces) throws -> Outcome {
    let (tools, folder) = (try TemporaryFolder(), try TemporaryFolder())
    let sudo = try tools.file("sudo", Data("#!/bin/sh\nexec \"$@\"\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sudo.path)
    try FileManager.default.createSymbolicLink(
      at: tools.url.appending(path: "dsrproof"), withDestinationURL: Executable.url)
    _ = try folder.file("summary", Data())
    let environment = [
      "env", "-C", folder.url.path, "PATH=\(tools.url.path):/usr/sbin:/usr/bin:/sbin:/bin",
      "GITHUB_STEP_SUMMARY=\(folder.path("summary"))",
    ]
    let process = try network.start(
      "client", environment + work.command, output: tools.file("output", Data()), errors: tools.file("errors", Data()))
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try tools.text("output"), errors: try tools.text("errors"),
      folder: folder)
  }

  /// Direct return, and a proxy.
  @Test(arguments: Recipe.allCases, [true, false])
  func theVerdictIsTheStatusAndTheEvidenceIsKept(recipe: Recipe, returnsDirectly: Bool) throws {
    let (network, server) = try returnsDirectly ? LiveNetwork.directReturn() : LiveNetwork.proxy()
    defer { withExtendedLifetime(server) {} }
    let work = try Self.work(of: recipe)
    let result = try Self.run(work, in: network)
    #expect(result.status == (returnsDirectly ? 0 : 1), "\(result.output)\(result.errors)")
    for name in work.artifacts { #expect(try !Data(contentsOf: result.folder.url.appending(path: name)).isEmpty) }
    let junit = try result.folder.text("dsrproof.xml")
    #expect(junit.contains(returnsDirectly ? "failures=\"0\"" : "DSR001 reply-via-balancer"))
    if recipe == .github { #expect(result.output.hasPrefix(returnsDirectly ? "::notice title=" : "::error title=")) }
  }

  /// The line that the page begins with is the one that the recipes have.
  @Test func thePageShowsWhatTheRecipesRun() throws {
    let page = try String(contentsOf: Repository.root.appending(path: "docs/ci.md"), encoding: .utf8)
    let shown = "dsrproof verify -i eth1 --vip 10.1.10.10:80 --probe --until-verdict --duration 60s"
    #expect(page.contains(shown))
    for recipe in [Recipe.github, .gitlab] { #expect(try Self.work(of: recipe).command.last?.contains(shown) ?? false) }
  }
}
