import Checks
import Evidence
import Report
import TestSupport
import Testing
import Wire

/// What was not looked into, and what was seen in place of what was asked for.
@Suite struct PassedOverReportTests {
  private static let verdict: Verdict = {
    var verdict = Examples.inconclusive
    verdict.captures[0].passedOver = [
      .tunnel(.vxlan): 12, .tunnel(.esp): 1, .nested: 1, .malformed: 1, .cut: 2, .otherProtocol: 34,
    ]
    for _ in 0..<2 { verdict.captures[0].untoldPorts.add(6, of: .init(port: 8473, tunnel: .vxlan)) }
    verdict.seen = [SeenService(service: Examples.service, flows: 2)]
    return verdict
  }()

  @Test func oneLineHasTheReasons() {
    let line =
      "not looked into: 13 frames in tunnels that are not opened (esp, vxlan), 1 frame in too many tunnels, 1 frame that "
      + "contradicts itself, 2 frames cut before the end of the headers, 34 frames of other protocols"
    let words = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    #expect(words(Self.verdict.textReport(color: false)).contains(line))
    #expect(words(Self.verdict.htmlReport()).contains(line))
    #expect(Self.verdict.markdownReport().contains("13 frames in tunnels"))
    #expect(!Examples.inconclusive.textReport(color: false).contains("not looked into"))
  }

  /// A hint, in every form that shows warnings.
  @Test func aPortThatLooksLikeATunnelIsHintedAt() throws {
    let line = "12 frames to UDP port 8473 look like VXLAN; --tunnel vxlan:8473 opens them"
    let words = { (text: String) in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    #expect(words(Self.verdict.textReport(color: false)).contains(line))
    #expect(Self.verdict.markdownReport().contains("12 frames to UDP port 8473"))
    let compact = Self.verdict.jsonReport().filter { !$0.isWhitespace }
    #expect(compact.contains(#""tunnelHints":[{"frames":12,"port":8473,"tunnel":"vxlan"}]"#))
    #expect(!Examples.inconclusive.textReport(color: false).contains("look like"))
  }

  @Test func jsonHasThemByReason() throws {
    let report = Self.verdict.jsonReport()
    #expect(try Schema.report.faults(in: [report]) == "")
    let compact = report.filter { !$0.isWhitespace }
    #expect(compact.contains(#"{"frames":12,"reason":"tunnel","tunnel":"vxlan"}"#))
    #expect(compact.contains(#"{"frames":34,"reason":"other-protocol","tunnel":null}"#))
    #expect(compact.contains(#""seen":[{"flows":2,"service":"tcp://10.1.10.10:80"}]"#))
  }
}
