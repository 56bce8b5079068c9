import Foundation
import Tables
import TestSupport
import Testing

@Suite struct KubeconfigTests {
  private func text() throws -> String {
    try String(
      contentsOf: Repository.fixtures.appending(path: "tables/kubeconfig/two-contexts.yaml"), encoding: .utf8)
  }

  @Test func theCurrentContextCounts() throws {
    let (cluster, user) = try Kubeconfig(text: text(), folder: "/home/me/.kube").current()
    #expect(cluster.server == "https://api.example:6443/base")
    #expect(cluster.authority == .file("/home/me/.kube/pki/ca.crt") && cluster.serverName == "kubernetes")
    #expect(user.certificate == .bytes(Array("man".utf8)) && user.key == .file("/keys/me"))
    #expect(user.token == .bytes(Array("word".utf8)) && user.unread == nil)
  }

  @Test func whatAnEarlierFileSaysStays() throws {
    var first = try Kubeconfig(text: "current-context: a\nusers: [{name: nobody, user: {}}]", folder: "")
    first.add(try Kubeconfig(text: text(), folder: ""))
    #expect(try first.current().cluster.server == "https://10.0.0.1:6443")
  }

  @Test func whatMakesNoSenseIsNamed() throws {
    let cases = [
      ("kind: Service", 1, "a kubeconfig, whose kind is Config"),
      ("- a", 1, "a kubeconfig, whose kind is Config"),
      ("clusters:\n- {name: a, cluster: {server: 10.0.0.1}}", 2, "a server, as https://10.0.0.1:6443"),
      ("clusters:\n- {cluster: {}}", 2, "a name"),
      (
        "clusters:\n- {name: a, cluster: {server: 'https://a', proxy-url: x}}", 2,
        "no proxy-url, which is not read: set HTTPS_PROXY"
      ),
      ("users:\n- name: a\n  user:\n    client-key-data: 'a='", 4, "base64"),
    ]
    for (text, line, expected) in cases {
      let error = try #require(throws: TableError.self) { try Kubeconfig(text: text, folder: "") }
      #expect(error.line == line && error.expected == expected, "\(error)")
    }
    for text in [
      "", "kind: Config", "current-context: a", try text().replacing("cluster: two", with: "cluster: three"),
    ] {
      #expect(throws: TableError.self) { try Kubeconfig(text: text, folder: "").current() }
    }
  }
}
