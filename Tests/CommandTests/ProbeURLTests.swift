import Testing

@testable import dsrproof

@Suite struct ProbeURLTests {
  @Test func hostAndPortAreThoseOfTheURL() {
    let cases: [(String, String, UInt16)] = [
      ("http://example.org", "example.org", 80), ("https://example.org/a?b=c:9#d", "example.org", 443),
      ("http://example.org:8080/", "example.org", 8080), ("https://user:word@example.org:8443", "example.org", 8443),
      ("http://[fd00:10::10]/", "[fd00:10::10]", 80), ("http://[fd00:10::10]:81", "[fd00:10::10]", 81),
      ("http://10.1.10.10?x=@y", "10.1.10.10", 80), ("http://example.org:", "example.org", 80),
      ("http://a@b@example.org/", "example.org", 80),
    ]
    for (text, host, port) in cases {
      let url = ProbeURL(text)
      #expect(url?.host == host && url?.port == port, "\(text)")
    }
  }

  @Test func anythingElseIsNone() {
    let texts = [
      "", "http", "http://", "http:///path", "http://:80", "ftp://example.org", "example.org", "http:/example.org",
      "http://user@", "http://example.org:80a", "http://example.org:65536", "http://[fd00::1", "http://[]",
      "http://[fd00::1]80", "http://exa mple.org", "http://example.org/\u{7f}", "http://example.org\n",
    ]
    for text in texts { #expect(ProbeURL(text) == nil, "\(text)") }
  }
}
