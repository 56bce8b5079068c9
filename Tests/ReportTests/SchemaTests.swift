import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing

@Suite struct SchemaTests {
  @Test func everyReportIsValid() throws {
    let faults = try Schema.report.faults(
      in: [
        Examples.pass.jsonReport(), Examples.fail.jsonReport(), Examples.inconclusive.jsonReport(),
        Examples.proved.jsonReport(), Examples.waived(untilEnded: false).jsonReport(),
        Examples.waived(untilEnded: true).jsonReport(), Examples.pass.jsonReport(from: Examples.run),
      ])
    #expect(faults == "")
  }

  @Test func everyFlowDocumentIsValid() throws {
    var (some, none) = ("", "")
    Examples.flows.writeJSON(to: &some)
    Examples.noFlows.writeJSON(to: &none)
    #expect(try Schema.flows.faults(in: [some, none]) == "")
  }

  @Test func anUnknownKeyIsAFault() throws {
    let report = Examples.pass.jsonReport().replacing(
      "\"schemaVersion\"", with: "\"another\": 1, \"schemaVersion\"")
    #expect(try Schema.report.faults(in: [report]).contains("another"))
  }

  @Test func aMissingKeyIsAFault() throws {
    let report = Examples.pass.jsonReport().replacing("\"truncatedAt\":null,", with: "")
    #expect(try Schema.report.faults(in: [report]).contains("truncatedAt"))
  }
}

@Suite struct JSONReportTests {
  @Test func textFromStrangersCannotSteerATerminal() throws {
    var verdict = Examples.pass
    verdict.captures[0].path = "a\u{1b}[2J\u{9b}31m\u{202e}.pcap"
    let report = verdict.jsonReport()
    #expect(report.contains(#"a\u001b[2J\u009b31m\u202e.pcap"#))
    let captures =
      try #require(
        try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])["captures"] as? [[String: Any]]
    #expect(captures?[0]["path"] as? String == verdict.captures[0].path)
  }

  /// What differs from run to run stands in one object.
  @Test func whereItComesFromStandsInOneObject() throws {
    let report = Examples.pass.jsonReport(from: Examples.run)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
    let run = try #require(document["run"] as? [String: Any])
    #expect(run["version"] as? String == "1.2.3")
    #expect(run["commandLine"] as? [String] == ["dsrproof", "-r", "client.pcap"])
    #expect(run["host"] as? String == "be1")
    #expect(run["start"] as? String == "2019-10-03T01:30:02.579765Z")
    #expect((run["options"] as? [String: [String]]) == ["min-flows": ["3"]])
    var bare = try #require(
      try JSONSerialization.jsonObject(with: Data(Examples.pass.jsonReport().utf8)) as? [String: Any])
    #expect(bare["run"] is NSNull)
    bare["run"] = document["run"]
    #expect((document as NSDictionary).isEqual(to: bare))
  }

  @Test func theSameVerdictGivesTheSameBytes() throws {
    #expect(Examples.fail.jsonReport() == Examples.fail.jsonReport())
  }

  @Test func whatPolicyMakesOfACheckStandsBesideItsOutcome() throws {
    let report = Examples.waived(untilEnded: false).jsonReport()
    let checks =
      try #require(
        try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])["checks"] as? [[String: Any]]
    let waived = try #require(checks?.first { $0["id"] as? String == "DSR001" })
    #expect(waived["outcome"] as? String == "fail" && waived["severity"] as? String == "error")
    let waiver = try #require(waived["waiver"] as? [String: Any])
    #expect(waiver["until"] as? String == "2026-12-31" && waiver["ended"] as? Bool == false)
    let open = try #require(checks?.first { $0["id"] as? String == "ARP004" })
    #expect(open["severity"] as? String == "warning")
  }

  @Test func aVantageIsOnlyNamedWhereAllCapturesShareIt() throws {
    #expect(Examples.pass.jsonReport().contains(#","vantage":"client","vantages":"#))
    #expect(Examples.inconclusive.jsonReport().contains(#","vantage":null,"vantages":"#))
  }

  @Test func aSettledCheckIsToldOnceForAllItsServices() throws {
    var verdict = Examples.fail
    var other = verdict.services[0]
    other.service.port = 443
    verdict.services.append(other)
    for check in verdict.checks {
      var same = check
      same.service = other.service
      verdict.checks.append(same)
    }
    verdict.checks.append(
      CheckResult(
        id: "DSR009", slug: "of-one-alone", outcome: .notApplicable, service: other.service, summary: "no such thing",
        reason: "", evidence: []))
    let report = verdict.jsonReport()
    #expect(try Schema.report.faults(in: [report]) == "")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
    let checks = try #require(document["checks"] as? [[String: Any]])
    #expect(checks.compactMap { $0["id"] as? String } == ["DSR001", "ARP004", "DSR001", "ARP004"])
    let settled = try #require(document["settled"] as? [[String: Any]])
    #expect(settled.compactMap { $0["id"] as? String } == ["ARP001", "DSR009"])
    #expect(settled[0]["services"] is NSNull)
    #expect(settled[1]["services"] as? [String] == ["tcp://10.1.10.10:443"])
  }

  @Test func aLinkIsToldOnceForAllServices() throws {
    var verdict = Examples.fail
    var other = verdict.services[0]
    other.service.port = 443
    verdict.services.append(other)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(verdict.jsonReport().utf8)) as? [String: Any])
    let links = try #require(document["links"] as? [[String: Any]])
    let services = try #require(document["services"] as? [[String: Any]])
    for service in services {
      let legs = try #require(service["legs"] as? [[String: Any]])
      #expect(legs.compactMap { $0["link"] as? Int } == Array(links.indices))
    }
    let places = verdict.services[0].legs.map { [$0.half.rawValue, $0.from.rawValue, $0.to.rawValue] }
    #expect(links.map { [$0["half"], $0["from"], $0["to"]] as? [String] } == places)
    #expect(try Schema.report.faults(in: [verdict.jsonReport()]) == "")
  }

  /// Of what passed a frame's number says all: thousands of services may pass.
  @Test func theFramesOfAPassAreNamedAndNoMore() throws {
    let report = Examples.proved.jsonReport()
    #expect(report.contains(#"{"actual":"#) && !report.contains(#""expected":"#) && !report.contains(#""filter":"#))
    #expect(Examples.fail.jsonReport().contains(#""expected":"#))
  }

  @Test func everyElementStandsOnALineOfItsOwn() throws {
    let lines = Examples.fail.jsonReport().split(separator: "\n")
    #expect(lines.first == "{" && lines.last == "}")
    #expect(lines.count { $0.hasPrefix(#"{"balancers"#) || $0.hasPrefix(#"{"assumptions""#) } == 1)
  }
}
