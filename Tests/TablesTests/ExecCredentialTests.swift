import Foundation
import Tables
import TestSupport
import Testing

/// Programs that a kubeconfig names for its credentials.
@Suite struct ExecCredentialTests {
  private func user(_ exec: String, folder: String = "/home/me/.kube", cluster: String = "") throws -> Kubeconfig.Exec {
    let (_, user) = try current(exec, folder: folder, cluster: cluster)
    return try #require(user.exec)
  }

  private func current(_ exec: String, folder: String = "", cluster: String = "") throws -> (
    cluster: Kubeconfig.Cluster, user: Kubeconfig.User
  ) {
    try Kubeconfig(
      text: """
        current-context: a
        contexts: [{name: a, context: {cluster: a, user: a}}]
        clusters: [{name: a, cluster: {server: 'https://a'\(cluster)}}]
        users:
        - name: other
          user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}
        - name: a
          user: {exec: {\(exec)}}
        """, folder: folder
    ).current()
  }

  private static let v1 = "apiVersion: client.authentication.k8s.io/v1"

  @Test func `What a kubeconfig says of the program is read`() throws {
    let exec = try user(
      """
      \(Self.v1), command: aws, args: [eks, get-token, '3'], env: [{name: AWS_PROFILE, value: x}, {name: E}],
          provideClusterInfo: true, interactiveMode: IfAvailable, installHint: get it
      """)
    #expect(exec.command == "aws" && exec.arguments == ["eks", "get-token", "3"] && exec.hint == "get it")
    #expect(exec.variables.map(\.name) == ["AWS_PROFILE", "E"] && exec.variables.map(\.value) == ["x", ""])
    #expect(exec.wantsCluster && !exec.needsTerminal && exec.version == .v1)
    // v1beta1 need not say whether it asks for a terminal.
    let old = try user("apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/own")
    #expect(old.command == "/home/me/.kube/./bin/own" && old.version == .v1beta1 && !old.needsTerminal)
    #expect(try user("\(Self.v1), command: /opt/x, interactiveMode: Always").needsTerminal)
  }

  @Test(arguments: [
    ("apiVersion: client.authentication.k8s.io/v1", "a command in exec"),
    ("command: x, apiVersion: client.authentication.k8s.io/v1alpha1", "apiVersion client.authentication.k8s.io/v1 or"),
    ("command: x", "apiVersion client.authentication.k8s.io/v1 or"),
    ("command: x, apiVersion: client.authentication.k8s.io/v1", "interactiveMode Never"),
    ("command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: no", "interactiveMode Never"),
    ("command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, args: [[]]", "a text in args"),
    (
      "command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, env: [{name: 'a=b'}]",
      "the name of a variable"
    ),
  ])
  func `What makes no sense is told of the user that is meant alone`(exec: String, expected: String) throws {
    let error = try #require(throws: TableError.self) { try current(exec) }
    #expect(error.line == 8 && error.expected.hasPrefix(expected), "\(error)")
  }

  @Test func `The program is told its cluster where it asks for that`() throws {
    let plain = try current("\(Self.v1), command: x, interactiveMode: Never")
    #expect(
      try #require(plain.user.exec).info(for: plain.cluster, authority: [1])
        == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#)
    let config = """
      , tls-server-name: b, insecure-skip-tls-verify: true, extensions: [{name: other, extension: 1},
          {name: client.authentication.k8s.io/exec, extension: {audience: "a\\"\\\\\\n", n: [1, -0.5e3, 01, .5, true, 'true', null]}}]
      """
    let (cluster, user) = try current(
      "\(Self.v1), command: x, interactiveMode: Never, provideClusterInfo: true", cluster: config)
    let info = try #require(user.exec).info(for: cluster, authority: Array("man".utf8))
    #expect(
      info.hasSuffix(
        #""n":[1,-0.5e3,"01",".5",true,"true",null]}},"interactive":false}}"#), "\(info)")
    let read = try JSONSerialization.jsonObject(with: Data(info.utf8)) as? [String: Any]
    let told = (read?["spec"] as? [String: Any])?["cluster"] as? [String: Any]
    #expect(told?["server"] as? String == "https://a" && told?["tls-server-name"] as? String == "b")
    #expect(told?["insecure-skip-tls-verify"] as? Bool == true)
    #expect(told?["certificate-authority-data"] as? String == "bWFu")
    #expect((told?["config"] as? [String: Any])?["audience"] as? String == "a\"\\\n")
  }

  private func answer(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> String {
    #"{"apiVersion":"client.authentication.k8s.io/\#(version)","kind":"\#(kind)","status":\#(status)}"#
  }

  @Test func `An answer is read`() throws {
    let token = try ExecCredential(
      answer: answer(#"{"token":"k8s-aws-v1.x","expirationTimestamp":"2026-11-30T14:00:00Z"}"#), version: .v1)
    #expect(token.token == "k8s-aws-v1.x" && token.expiry == 1_796_047_200 && token.key == nil)
    let pair = try ExecCredential(
      answer: answer(#"{"clientCertificateData":"c\n","clientKeyData":"k\n","token":""}"#, version: "v1beta1"),
      version: .v1beta1)
    #expect(pair.certificate == Array("c\n".utf8) && pair.key == Array("k\n".utf8) && pair.token == nil)
    #expect(pair.expiry == nil)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-30T15:00:00.123456789+01:00", 1_796_047_200),
    ("2026-11-30T08:30:00-05:30", 1_796_047_200), ("2024-02-29T00:00:00Z", 1_709_164_800),
  ])
  func `Times are those of RFC 3339`(text: String, seconds: Int) throws {
    let read = try ExecCredential(
      answer: answer(#"{"token":"x","expirationTimestamp":"\#(text)"}"#), version: .v1)
    #expect(read.expiry == seconds)
  }

  @Test(arguments: [
    "", "secret", "[]", "{", #"{"status":{"token":"secret"}}"#,
    #"{"kind":"ExecCredential","status":{"token":"secret"}}"#,
  ])
  func `What is no answer is told without what it says`(text: String) throws {
    let error = try #require(throws: TableError.self) { try ExecCredential(answer: text, version: .v1) }
    #expect(error.expected == "an ExecCredential of client.authentication.k8s.io/v1" && !"\(error)".contains("secret"))
  }

  @Test(arguments: [
    ("null", "a status"), ("{}", "a token, or a certificate"), (#"{"token":""}"#, "a token, or a certificate"),
    (#"{"clientKeyData":"secret"}"#, "clientCertificateData and clientKeyData"),
    (#"{"token":"secret\r\nX: y"}"#, "a token of one word"), (#"{"token":{"secret":1}}"#, "a text as token"),
    (#"{"token":"secret","expirationTimestamp":"tomorrow"}"#, "an expirationTimestamp"),
    (#"{"token":"secret","expirationTimestamp":"2026-11-30T14:00:00"}"#, "an expirationTimestamp"),
    (#"{"token":"secret","expirationTimestamp":"2026-11-30T14:00:00.Z"}"#, "an expirationTimestamp"),
    (#"{"token":"secret","expirationTimestamp":"2026-11-30T14:00:00+1:00"}"#, "an expirationTimestamp"),
    (#"{"token":"secret","expirationTimestamp":"2026-13-30T14:00:00Z"}"#, "an expirationTimestamp"),
  ])
  func `An answer that makes no sense is told without its secret`(status: String, expected: String) throws {
    let error = try #require(throws: TableError.self) { try ExecCredential(answer: answer(status), version: .v1) }
    #expect(error.expected.hasPrefix(expected) && !"\(error)".contains("secret"), "\(error)")
  }

  @Test func `An answer of another version is none`() throws {
    for version in ["v1", "v1alpha1"] {
      #expect(throws: TableError.self) {
        try ExecCredential(answer: answer(#"{"token":"x"}"#, version: version), version: .v1beta1)
      }
    }
  }
}
