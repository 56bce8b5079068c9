import Foundation
import TestSupport
import Testing

/// `--kubernetes live`, against a server over HTTPS that answers as the API does.
@Suite struct ClusterTests {
  /// Answers until it is gone.
  private final class Server {
    let folder: TemporaryFolder
    let port: Int
    /// Of one whose certificate bears another name.
    let misnamedPort: Int
    private let process = Process()
    private let input = Pipe()

    init() throws {
      folder = try TemporaryFolder()
      process.executableURL = URL(filePath: try #require(CommandLineTool.candidates("python3").first))
      process.arguments = [
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "api-server.py").path, folder.url.path,
      ]
      let output = Pipe()
      process.standardInput = input
      process.standardOutput = output
      try process.runUnblocked()
      var line = ""
      while !line.hasSuffix("\n") {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { break }
        line += String(decoding: more, as: UTF8.self)
      }
      let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      port = try #require(ports.first, "the server did not start")
      misnamedPort = try #require(ports.last)
    }

    deinit {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }

    var root: String { "https://127.0.0.1:\(port)" }

    /// The text of a kubeconfig, which names files beside it.
    func kubeconfig(_ mood: String = "", user: String = "{token: sesame}", cluster: String? = nil) -> String {
      let cluster = cluster ?? "{server: \(root)\(mood), certificate-authority: ca.crt}"
      return """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: lab, user: me}}]
        clusters: [{name: lab, cluster: \(cluster)}]
        users: [{name: me, user: \(user)}]
        """
    }

    /// Its content, as a kubeconfig has it that needs no file.
    func base64(_ name: String) throws -> String {
      try Data(contentsOf: folder.url.appending(path: name)).base64EncodedString()
    }
  }

  private static let verify = ["verify", "-r", "seed.pcap", "--vip", "10.1.10.10:80", "--format", "json"]

  private func run(_ server: Server, _ kubeconfig: String) throws -> Executable.Result {
    let file = try server.folder.file("config-\(UUID())", Data(kubeconfig.utf8))
    return try Executable.run(
      Self.verify + ["--kubernetes", "live"], environment: ["KUBECONFIG": file.path], in: Repository.fixtures)
  }

  /// The checks of Kubernetes' objects, without the lines that they show.
  private func checks(_ output: String) throws -> [String] {
    let report = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    let all = ["checks", "settled"].flatMap { report?[$0] as? [[String: Any]] ?? [] }
    return all.compactMap { check in
      guard let id = check["id"] as? String, id.hasPrefix("K8S") else { return nil }
      return "\(id) \(check["outcome"] ?? "") \(check["summary"] ?? "")"
    }.sorted()
  }

  @Test func allPagesGiveWhatAFileOfThemGives() throws {
    let server = try Server()
    let file = try Executable.run(
      Self.verify + ["--kubernetes", server.folder.path("objects.json")], in: Repository.fixtures)
    let expected = try checks(file.output)
    #expect(file.status == 1 && expected.count == 8)
    #expect(expected.contains { $0.hasPrefix("K8S001 fail") } && expected.contains { $0.hasPrefix("K8S005 fail") })
    for mood in ["", "/busy", "/expires"] {
      let live = try run(server, server.kubeconfig(mood))
      #expect(live.status == 1 && live.errors.isEmpty, "\(mood) \(live.errors)")
      #expect(try checks(live.output) == expected, "\(mood)")
    }
    // Endpoints stand for slices, and nothing for kube-proxy.
    let bare = try run(server, server.kubeconfig("/bare"))
    #expect(try checks(bare.output).filter { !$0.hasPrefix("K8S005") } == expected.filter { !$0.hasPrefix("K8S005") })
    #expect(try checks(bare.output).contains { $0.hasPrefix("K8S005 notApplicable") })
  }

  @Test func everyWayToBeSomeoneIsTaken() throws {
    let server = try Server()
    _ = try server.folder.file("token", Data("sesame\n".utf8))
    let certificate = try server.base64("client.crt")
    let users = [
      "{tokenFile: token}", "{client-certificate: client.crt, client-key: client.key}",
      "{client-certificate-data: \(certificate), client-key-data: \(try server.base64("client.key"))}",
    ]
    for user in users { #expect(try run(server, server.kubeconfig(user: user)).status == 1, "\(user.prefix(40))") }
    let embedded = "{server: \(server.root)/, certificate-authority-data: \(try server.base64("ca.crt"))}"
    #expect(try run(server, server.kubeconfig(cluster: embedded)).status == 1)
    // A certificate that bears another name than the server's address.
    let misnamed = "server: 'https://127.0.0.1:\(server.misnamedPort)', certificate-authority: ca.crt"
    let wrong = try run(server, server.kubeconfig(cluster: "{\(misnamed)}"))
    #expect(wrong.status == 2 && wrong.errors.contains("SSL"), "\(wrong.errors)")
    let named = try run(server, server.kubeconfig(cluster: "{\(misnamed), tls-server-name: elsewhere}"))
    #expect(named.status == 1, "\(named.errors)")
    let unverified = try run(
      server, server.kubeconfig(cluster: "{server: \(server.root), insecure-skip-tls-verify: true}"))
    #expect(unverified.status == 1 && unverified.errors.contains("is not verified"))
  }

  @Test func aRefusalSaysWhatIsMissing() throws {
    let server = try Server()
    let root = server.root
    let cases = [
      (
        server.kubeconfig(user: "{token: old}"),
        "dsrproof: \(root)/api/v1/services?limit=500: HTTP 401: Unauthorized; the server does not know these credentials"
      ),
      (
        server.kubeconfig(user: "{token: weak}"),
        "dsrproof: \(root)/api/v1/nodes?limit=500: HTTP 403: nodes is forbidden: User \"system:serviceaccount:shop:watcher\""
      ),
      (server.kubeconfig("/gone"), "dsrproof: \(root)/gone/api/v1/services: the list changed while it was read, twice"),
      (server.kubeconfig("/endless"), "dsrproof: \(root)/endless/api/v1/services: expected another page"),
      (server.kubeconfig("/elsewhere"), "dsrproof: \(root)/elsewhere/api/v1/services: HTTP 404: is this a cluster's"),
      (server.kubeconfig("/refused"), "expected a ServiceList, found a refusal: not today"),
      (server.kubeconfig("/strange"), "expected a ServiceList, found FooList"),
      (server.kubeconfig("/empty"), "expected items in a ServiceList, found none"),
      (server.kubeconfig("/short"), "expected a next page of the ServiceList, for 7 are left, found none"),
      (server.kubeconfig(cluster: "{server: \(root)}"), "dsrproof: \(root)/api/v1/services?limit=500: SSL"),
      (server.kubeconfig(cluster: "{server: 'https://127.0.0.1:1'}"), "dsrproof: https://127.0.0.1:1/api/v1/services"),
      (server.kubeconfig(user: "{exec: {command: aws}}"), "the user has exec, which dsrproof does not follow"),
      (
        server.kubeconfig(cluster: "{server: 'http://127.0.0.1:1'}"),
        "expected https:// for a server that is given credentials"
      ),
      (server.kubeconfig(user: "{tokenFile: none}"), "none: cannot read"),
    ]
    for (config, message) in cases {
      let result = try run(server, config)
      #expect(result.status == 2 && result.output.isEmpty, "\(message)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(!result.errors.contains("sesame"), "a token is nobody's business")
    }
  }

  @Test func aPodAsksByItsOwnAccount() throws {
    let server = try Server()
    _ = try server.folder.file("token", Data("sesame".utf8))
    // The account is mounted in a namespace of its own.
    let script = """
      mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount &&
      cp "$0/token" "$0/ca.crt" /run/secrets/kubernetes.io/serviceaccount/ && exec "$@"
      """
    let environment = ["HOME": "/nonexistent", "KUBERNETES_SERVICE_HOST": "127.0.0.1"]
    let arguments =
      ["--mount", "sh", "-c", script, server.folder.url.path, Executable.url.path] + Self.verify + [
        "--kubernetes", "live",
      ]
    let inside = try CommandLineTool.run(
      "/usr/bin/unshare", arguments, in: Repository.fixtures,
      environment: environment.merging(["KUBERNETES_SERVICE_PORT": "\(server.port)"]) { $1 })
    #expect(inside.status == 1 && inside.errors.isEmpty, "\(inside.errors)")
    #expect(try checks(inside.output).contains { $0.hasPrefix("K8S001 fail") })
    // And nowhere else.
    let outside = try Executable.run(
      Self.verify + ["--kubernetes", "live"], environment: environment, in: Repository.fixtures)
    #expect(outside.status == 2 && outside.errors.contains("/nonexistent/.kube/config, and this is no pod"))
  }
}
