import Testing

@testable import Serving

@Suite struct GateTests {
  private let local = Gate(address: "127.0.0.1", isLoopback: true, token: nil)
  private let open = Gate(address: "192.0.2.1", isLoopback: false, token: "0123456789abcdef")

  @Test(arguments: ["127.0.0.1", "127.0.0.1:9743", "localhost:80", "LOCALHOST", "[::1]", "[::1]:9743"])
  func aNameOfThisHostPasses(host: String) {
    #expect(local.refusal(of: .init(hosts: [host])) == nil)
  }

  /// A page of another site that gave its own name this address sends that name.
  @Test(arguments: [
    "rebound.example", "rebound.example:9743", "localhost.rebound.example", "127.0.0.1.rebound.example:80", "127.0.0.2",
    "[::1].rebound.example", "[::1", "", ":80", "localhost:x", "localhost:80:80",
  ])
  func anotherNameDoesNot(host: String) {
    #expect(local.refusal(of: .init(hosts: [host])) == .wrongHost)
  }

  @Test func aRequestHasOneHost() {
    #expect(local.refusal(of: .init(hosts: [])) == .noHost)
    #expect(local.refusal(of: .init(hosts: ["localhost", "localhost"])) == .noHost)
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", ""])
  func nothingButReading(method: String) {
    #expect(local.refusal(of: .init(method: method, hosts: ["localhost"])) == .method)
  }

  @Test func headReadsToo() {
    #expect(local.refusal(of: .init(method: "HEAD", hosts: ["localhost"])) == nil)
    #expect(local.refusal(of: .init(hosts: ["localhost"], hasBody: true)) == .body)
  }

  @Test(arguments: [
    "Bearer 0123456789abcdef", "bearer  0123456789abcdef",
    // printf 'anyone:0123456789abcdef' | base64, and without a name.
    "Basic YW55b25lOjAxMjM0NTY3ODlhYmNkZWY=", "Basic OjAxMjM0NTY3ODlhYmNkZWY=",
  ])
  func theTokenPasses(field: String) {
    #expect(open.refusal(of: .init(hosts: ["any.example"], authorization: [field])) == nil)
  }

  @Test(arguments: [
    [], ["Bearer"], ["Bearer "], ["Bearer 0123456789abcdeF"], ["Bearer 0123456789abcde"], ["Bearer 0123456789abcdef0"],
    ["Bearer 0123456789abcdef0123456789abcdef"], ["Digest 0123456789abcdef"], ["0123456789abcdef"],
    ["Basic MDEyMzQ1Njc4OWFiY2RlZg=="], ["Basic ====="], ["Basic \u{e9}"],
    ["Bearer 0123456789abcdef", "Bearer 0123456789abcdef"],
  ])
  func nothingElseDoes(fields: [String]) {
    #expect(open.refusal(of: .init(hosts: ["any.example"], authorization: fields)) == .noToken)
  }

  /// Who has no token learns nothing of what is there.
  @Test func theTokenIsAskedForFirst() {
    #expect(open.refusal(of: .init(method: "POST")) == .noToken)
  }

  @Test func onLoopbackBothAreAskedFor() {
    let gate = Gate(address: "127.0.0.1", isLoopback: true, token: "0123456789abcdef")
    let field = "Bearer 0123456789abcdef"
    #expect(gate.refusal(of: .init(hosts: ["localhost"])) == .noToken)
    #expect(gate.refusal(of: .init(hosts: ["rebound.example"], authorization: [field])) == .wrongHost)
    #expect(gate.refusal(of: .init(hosts: ["localhost"], authorization: [field])) == nil)
  }
}
