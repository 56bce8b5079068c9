import Checks
import Evidence
import Foundation
import Report
import Testing

/// What is written is held against Foundation, which reads and writes JSON too.
@Suite struct JSONTextTests {
  private static let documents: [String] = {
    var flows = ""
    Examples.flows.writeJSON(to: &flows)
    return [
      flows, Examples.pass.jsonReport(from: Examples.run), Examples.fail.jsonReport(),
      Examples.inconclusive.jsonReport(),
      Examples.proved.jsonReport(), Examples.waived(untilEnded: true).jsonReport(),
    ]
  }()

  /// Each element of a list is what Foundation makes of it, keys in order.
  @Test(arguments: documents)
  func everyElementIsAsFoundationWritesIt(document: String) throws {
    let lines: [Substring] = document.split(separator: "\n")
    for line in lines where line.first == "{" && line.count > 1 {
      let element = line.last == "," ? String(line.dropLast()) : String(line)
      let again = try JSONSerialization.data(
        withJSONObject: JSONSerialization.jsonObject(with: Data(element.utf8)),
        options: [.sortedKeys, .withoutEscapingSlashes])
      #expect(String(decoding: again, as: UTF8.self) == element)
    }
  }

  @Test(arguments: documents)
  func theKeysOfADocumentHaveAlphabeticalOrder(document: String) {
    let lines: [Substring] = document.split(separator: "\n")
    let keys = lines.filter { $0.first == "\"" }.map { $0.prefix { $0 != ":" } }
    #expect(keys.count > 2 && keys == keys.sorted())
  }

  @Test(arguments: [
    ("a\"b\\c/d", #"a\"b\\c/d"#), ("\u{8}\t\n\u{c}\r", #"\b\t\n\f\r"#),
    ("\u{0}\u{1b}\u{1f}\u{7f}", #"\u0000\u001b\u001f\u007f"#),
    ("\u{80}\u{9f}\u{2028}\u{202e}\u{feff}", #"\u0080\u009f\u2028\u202e\ufeff"#), ("\u{e0001}", #"\udb40\udc01"#),
    ("é→😀", "é→😀"), ("", ""),
  ])
  func textIsEscapedWhereItHasTo(text: String, written: String) throws {
    var verdict = Examples.pass
    verdict.captures[0].path = text
    let report = verdict.jsonReport()
    #expect(report.contains("\"path\":\"\(written)\""))
    let document = try #require(try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
    #expect((document["captures"] as? [[String: Any]])?[0]["path"] as? String == text)
  }

  @Test(arguments: [
    (0, "0"), (-0.25, "-0.25"), (3, "3"), (1e-6, "1e-06"), (0.1, "0.1"), (1e22, "1e+22"), (.infinity, "null"),
  ])
  func aNumberIsWrittenAsShortAsItCanBe(seconds: Double, written: String) {
    var verdict = Examples.pass
    var probe = ProbeResult(service: verdict.services[0].service)
    probe.latency = seconds
    verdict.probes = [probe]
    #expect(verdict.jsonReport().contains("\"latencySeconds\":\(written),"))
  }
}
