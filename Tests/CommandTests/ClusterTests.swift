import Foundation
import Tables
import TestSupport
import Testing

@testable import dsrproof

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
      (server.kubeconfig(user: "{username: me}"), "the user has username, which dsrproof does not follow"),
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

  // MARK: Programs that tell the credentials

  /// A program beside the kubeconfig, which notes each run, and what it was told.
  private func program(_ server: Server, _ name: String, _ script: String) throws {
    let text = """
      #!/bin/sh
      cd '\(server.folder.url.path)'
      echo run >>runs; printf '%s' "$KUBERNETES_EXEC_INFO" >info
      answer() {
        printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{%s}}' "$1"
      }
      \(script)

      """
    let file = try server.folder.file(name, Data(text.utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    try? FileManager.default.removeItem(atPath: server.folder.path("runs"))
  }

  private func runs(_ server: Server) -> Int { (try? server.folder.text("runs").split(separator: "\n").count) ?? 0 }

  private static func exec(_ command: String, _ more: String = "interactiveMode: Never") -> String {
    "{exec: {apiVersion: client.authentication.k8s.io/v1, command: '\(command)', \(more)}}"
  }

  @Test func `A program tells the token, and is told what it asks for`() throws {
    let server = try Server()
    try program(
      server, "plugin",
      #"""
      printf '%s|' "$@" "$AWS_PROFILE" "$KEPT" >words; [ -t 0 ] || cat >input
      echo 'look at your phone' >&2
      answer '"token":"sesame","expirationTimestamp":"2100-01-01T00:00:00Z"'
      """#)
    let user = Self.exec(
      "./plugin",
      """
      interactiveMode: IfAvailable, args: [get token, '$(touch shell)', "a'b"], provideClusterInfo: true,
          env: [{name: AWS_PROFILE, value: us er}]
      """)
    let config = try server.folder.file("config", Data(server.kubeconfig(user: user).utf8))
    let result = try Executable.run(
      Self.verify + ["--kubernetes", "live"], input: Data("mine".utf8),
      environment: [
        "KUBECONFIG": config.path, "AWS_PROFILE": "other", "KEPT": "yes", "KUBERNETES_EXEC_INFO": "stale",
      ], in: Repository.fixtures)
    #expect(result.status == 1 && result.errors == "look at your phone\n", "\(result.errors)")
    #expect(try checks(result.output).contains { $0.hasPrefix("K8S001 fail") })
    #expect(runs(server) == 1)
    #expect(try server.folder.text("words") == "get token|$(touch shell)|a'b|us er|yes|")
    #expect(try server.folder.text("input").isEmpty && !server.folder.names.contains("shell"))
    let info = try JSONSerialization.jsonObject(with: server.folder.data("info")) as? [String: Any]
    let spec = try #require(info?["spec"] as? [String: Any])
    #expect(spec["interactive"] as? Bool == false)
    let cluster = try #require(spec["cluster"] as? [String: Any])
    #expect(cluster["server"] as? String == server.root)
    #expect(cluster["certificate-authority-data"] as? String == (try server.base64("ca.crt")))
  }

  @Test func `It is found in PATH, and may tell a certificate and its key`() throws {
    let server = try Server()
    try program(
      server, "aplugin",
      #"""
      pem() { awk '{printf "%s\\n", $0}' "$1"; }
      answer "\"clientCertificateData\":\"$(pem client.crt)\",\"clientKeyData\":\"$(pem client.key)\""
      """#)
    let config = try server.folder.file("config", Data(server.kubeconfig(user: Self.exec("aplugin")).utf8))
    let result = try Executable.run(
      Self.verify + ["--kubernetes", "live"],
      environment: ["KUBECONFIG": config.path, "PATH": "\(server.folder.url.path):/usr/bin:/bin"],
      in: Repository.fixtures)
    #expect(result.status == 1 && result.errors.isEmpty, "\(result.errors)")
  }

  @Test func `It is run anew where its credentials are refused, or have expired`() throws {
    let server = try Server()
    let config = server.kubeconfig(user: Self.exec("./plugin"))
    try program(server, "plugin", #"[ $(wc -l <runs) = 1 ] && answer '"token":"old"' || answer '"token":"sesame"'"#)
    let renewed = try run(server, config)
    #expect(renewed.status == 1 && renewed.errors.isEmpty && runs(server) == 2, "\(renewed.errors)")
    // A certificate takes the place of a token.
    try program(
      server, "plugin",
      #"""
      pem() { awk '{printf "%s\\n", $0}' "$1"; }
      [ $(wc -l <runs) = 1 ] && answer '"token":"old"' || answer "\"clientCertificateData\":\"$(pem client.crt)\",\"clientKeyData\":\"$(pem client.key)\""
      """#)
    let other = try run(server, config)
    #expect(other.status == 1 && runs(server) == 2, "\(other.errors)")
    try program(server, "plugin", #"answer '"token":"old"'"#)
    let refused = try run(server, config)
    #expect(refused.status == 2 && refused.errors.contains("HTTP 401: Unauthorized") && runs(server) == 2)
    try program(server, "plugin", #"answer '"token":"sesame","expirationTimestamp":"2026-01-01T00:00:00Z"'"#)
    let expired = try run(server, config)
    #expect(expired.status == 1 && (3...20).contains(runs(server)), "\(expired.errors)")
    // What stands in the kubeconfig counts before it.
    let token = Self.exec("./plugin", "interactiveMode: Never}, token: sesame").dropLast()
    try program(server, "plugin", "exit 1")
    let own = try run(server, server.kubeconfig(user: String(token)))
    #expect(own.status == 1 && runs(server) == 0, "\(own.errors)")
  }

  @Test func `A program that tells nothing of use is told`() throws {
    let server = try Server()
    try program(server, "plugin", #"eval "$@""#)
    let says = { (script: String) in Self.exec("./plugin", "interactiveMode: Never, args: ['\(script)']") }
    let cases = [
      (says("echo no account >&2; exit 3"), "no account\ndsrproof: "),
      (says("exit 3"), "told no credentials: it ended with exit status 3"),
      (says("kill -9 $$"), "told no credentials: signal 9 ended it"),
      (says("echo sesame"), "expected an ExecCredential of client.authentication.k8s.io/v1, found another text"),
      (says("yes sesame"), "expected credentials of at most 1 MiB, found more"),
      (says("answer"), "expected a token, or a certificate and its key, found neither"),
      (
        Self.exec("no-such-plugin", "interactiveMode: Never, installHint: \"install it:\\napt\""),
        "no-such-plugin: the kubeconfig gets its credentials from this program, which is not there: install it: apt"
      ),
      (Self.exec("./ca.crt"), "/./ca.crt: the kubeconfig gets its credentials from this program, which is not there"),
      (Self.exec("./plugin", "interactiveMode: Always"), "gives it a terminal (interactiveMode: Always)"),
      (
        Self.exec("./plugin", "interactiveMode: Often"), "expected interactiveMode Never, IfAvailable or Always in exec"
      ),
      ("{auth-provider: {}}", "name a program in exec in its place"),
      ("{auth-provider: {name: gcp}}", "has auth-provider, which dsrproof does not follow"),
      ("{auth-provider: {name: gcp}}", "name gke-gcloud-auth-plugin in exec in its place"),
      ("{auth-provider: {name: azure}}", "name kubelogin in exec in its place"),
      ("{auth-provider: {name: oidc}}", "name kubectl-oidc_login in exec in its place"),
    ]
    for (user, message) in cases {
      let result = try run(server, server.kubeconfig(user: user))
      #expect(result.status == 2 && result.output.isEmpty, "\(message)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(!result.errors.contains("sesame"), "a token is nobody's business")
    }
    let plain = try run(
      server, server.kubeconfig(user: Self.exec("./plugin"), cluster: "{server: 'http://127.0.0.1:1'}"))
    #expect(plain.status == 2 && plain.errors.contains("expected https:// for a server that is given credentials"))
  }

  @Test func `A program that hangs is ended, and one that leaves another behind is not waited for`() throws {
    let server = try Server()
    try program(server, "plugin", #"eval "$@""#)
    func credential(_ script: String) throws -> ExecCredential {
      let text = server.kubeconfig(user: Self.exec("./plugin", "interactiveMode: Never, args: ['\(script)']"))
      let (cluster, user) = try Kubeconfig(text: text, folder: server.folder.url.path).current()
      return try CredentialProgram(#require(user.exec), for: cluster, patience: .seconds(1)).credential()
    }
    let start = ContinuousClock.now
    let error = try #require(throws: Failure.self) { try credential("trap \"\" TERM; echo $$ >pid; sleep 60") }
    #expect(error.message.hasSuffix("told no credentials in 1 s, and was ended"), "\(error.message)")
    let process = try #require(Int32(server.folder.text("pid").prefix { $0.isNumber }))
    #expect(kill(process, 0) != 0 && errno == ESRCH)
    let token = try credential("sleep 60 & echo $! >left; answer \"\\\"token\\\":\\\"sesame\\\"\"")
    #expect(token.token == "sesame")
    #expect(ContinuousClock.now - start < .seconds(20))
    if let left = Int32(try server.folder.text("left").prefix { $0.isNumber }) { kill(left, SIGKILL) }
  }
}
