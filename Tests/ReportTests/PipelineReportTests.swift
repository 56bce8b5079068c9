import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing

/// The forms that pipelines read, each read back by a program that is not ours.
@Suite struct PipelineReportTests {
  /// What strangers may have called a capture.
  static let hostile = "a<b>&\"']]>\u{1b}[2J\u{0}\u{ffff}|`x`%0A::error::[l](u) # SKIP\n.pcap"

  static let hostileFail: Verdict = {
    var verdict = Examples.fail
    for index in verdict.checks.indices {
      verdict.checks[index].summary += hostile
      verdict.checks[index].evidence = verdict.checks[index].evidence.map { exhibit in
        guard case .frame(var frame) = exhibit.source else { return exhibit }
        frame.capture = hostile
        return Exhibit(frame, expected: exhibit.expected, actual: hostile)
      }
    }
    verdict.captures[0].path = hostile
    return verdict
  }()

  static let none = Verdict(
    outcome: .inconclusive, cause: "no service was found", services: [], checks: [], captures: [])

  static let verdicts = [Examples.pass, Examples.fail, Examples.inconclusive, hostileFail, none, waived, lossy]

  /// Three captures' funnels, one of which loses flows and has a stranger's name.
  static let lossy: Verdict = {
    var verdict = Examples.fail
    var (lost, whole) = (Examples.funnel, Examples.funnel)
    lost.place.capture = hostile
    (whole.loss, whole.steps) = (nil, [(.request, 12), (.synAck, 12)])
    verdict.services[0].funnels = [Examples.funnel, lost, whole]
    return verdict
  }()

  private static let funnelLine =
    "funnel: client.pcap: 12 asked, 12 got a SYN-ACK, 3 shook hands, 3 answered; 9 end no handshake, first frame 41"

  // MARK: How far flows get

  @Test func junitHasTheFunnelBesideTheVerdict() throws {
    let lines = Self.lossy.junitReport(isStrict: false).split(separator: "\n")
    let first = try #require(lines.firstIndex { $0.contains("<system-out>\(Self.funnelLine)") })
    #expect(lines[first].hasPrefix("</failure>") || lines[first].contains("</failure>"))
    #expect(lines[first + 2].hasPrefix("funnel: client.pcap: all 12 flows got as far as this place shows"))
    #expect(lines.count { $0.contains("funnel: ") } == 3)
  }

  @Test func annotationsHaveTheFunnelsThatLoseFlows() {
    let lines = Self.lossy.gitHubAnnotations(isStrict: false).split(separator: "\n")
    #expect(lines.count == 3 && lines[0].contains("%0A\(Self.funnelLine)%0Afunnel: "))
    #expect(lines.joined().matches(of: #/funnel: /#).count == 2)
  }

  /// Perl's reader hands out what the block of the verdict holds.
  @Test func tapHasTheFunnelAsAYAMLBlock() throws {
    let program = """
      use TAP::Parser; local $/; open my $file, '<', $ARGV[0]; my $parser = TAP::Parser->new({tap => <$file>});
      my @blocks; while (my $result = $parser->next) { push @blocks, $result->data if $result->is_yaml }
      die join ';', $parser->parse_errors if $parser->parse_errors;
      my $funnels = $blocks[0]{funnels};
      print scalar(@blocks), ' ', scalar(@$funnels), " $funnels->[0]{place} $funnels->[0]{steps}{'syn-ack'} ",
        "$funnels->[0]{loss}{step} $funnels->[0]{loss}{flows} $funnels->[0]{loss}{frame} ",
        $funnels->[1]{place} eq $ARGV[1] ? 'same' : $funnels->[1]{place}, exists $funnels->[2]{loss} ? ' loss' : '';
      """
    let folder = try TemporaryFolder()
    let file = try folder.file("tap", Data(Self.lossy.tapReport(isStrict: false).utf8))
    let found = try CommandLineTool.output("perl", ["-e", program, file.path, Self.hostile.withoutControls])
    #expect(found == "1 3 client.pcap 12 handshake 9 41 same")
  }

  // MARK: JUnit

  /// `xmllint` holds it against the schema, which is narrower than Jenkins'.
  @Test(arguments: verdicts.indices, [true, false])
  func junitIsValid(index: Int, isStrict: Bool) throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("junit.xml", Data(Self.verdicts[index].junitReport(isStrict: isStrict).utf8))
    let schema = Repository.schema.appending(path: "junit.xsd").path
    _ = try CommandLineTool.output("xmllint", ["--noout", "--schema", schema, file.path])
  }

  /// The names and results of the cases, as junitparser reads them: `fail`, `skip` or `pass`.
  private func cases(_ verdict: Verdict, isStrict: Bool = false) throws -> [String: String] {
    let program = """
      import junitparser, json, sys
      kinds = {junitparser.Failure: "fail", junitparser.Skipped: "skip"}
      xml = junitparser.JUnitXml.fromfile(sys.argv[1])
      counts = {"pass": 0, "fail": xml.failures, "skip": sum(suite.skipped for suite in xml)}
      found = {case.name: kinds[type(case.result[0])] if case.result else "pass" for suite in xml for case in suite}
      assert sum(1 for suite in xml for case in suite) == xml.tests
      for kind in ("fail", "skip"): assert list(found.values()).count(kind) == counts[kind], kind
      print(json.dumps(found))
      """
    let folder = try TemporaryFolder()
    let file = try folder.file("junit.xml", Data(verdict.junitReport(isStrict: isStrict).utf8))
    let result = try CommandLineTool.run(
      try CommandLineTool.python(having: "junitparser"), ["-c", program, file.path])
    return try JSONDecoder().decode([String: String].self, from: Data(result.output.utf8))
  }

  @Test func junitHasAPassAFailureAndASkippedCase() throws {
    #expect(
      try cases(Examples.fail) == [
        "verdict": "fail", "DSR001 reply-via-balancer": "fail", "ARP001 backend-answers-arp": "pass",
        "ARP004 vip-owner-contested": "skip",
      ])
    // What does not apply was not tested.
    #expect(
      try cases(Examples.pass) == [
        "verdict": "pass", "DSR001 reply-via-balancer": "pass", "DSR002 balancer-bypassed": "pass",
      ])
  }

  @Test func whatIsInconclusiveFailsWhereThatIsAskedFor() throws {
    #expect(try cases(Examples.fail, isStrict: true)["ARP004 vip-owner-contested"] == "fail")
    #expect(try cases(Self.none) == ["verdict": "skip"])
    #expect(try cases(Self.none, isStrict: true) == ["verdict": "fail"])
  }

  // MARK: What the policy tolerates

  static let waived: Verdict = {
    var verdict = Examples.fail
    verdict.outcome = .pass
    verdict.services[0].outcome = .pass
    for index in verdict.checks.indices where verdict.checks[index].outcome != .pass {
      verdict.checks[index].waiver = .init(reason: "be7 is rebuilt", until: .last, hasEnded: false)
    }
    return verdict
  }()

  @Test func whatIsWaivedIsSkippedAndSaysUntilWhen() throws {
    for isStrict in [false, true] {
      #expect(
        try cases(Self.waived, isStrict: isStrict) == [
          "verdict": "pass", "DSR001 reply-via-balancer": "skip", "ARP001 backend-answers-arp": "pass",
          "ARP004 vip-owner-contested": "skip",
        ])
      #expect(Self.waived.tapReport(isStrict: isStrict).contains("# SKIP WAIVED until 9999-12-31: be7 is rebuilt"))
      let annotations = Self.waived.gitHubAnnotations(isStrict: isStrict).split(separator: "\n")
      #expect(annotations.map { $0.prefix { $0 != " " } } == ["::notice", "::warning", "::warning"])
    }
    #expect(try html(Self.waived).contains("<strong>WAIVED until 9999-12-31: be7 is rebuilt</strong>"))
    #expect(Self.waived.htmlReport().contains("WAIVED until 9999-12-31: be7 is rebuilt"))
    let metrics = Self.waived.prometheusReport(at: Examples.start, version: "1")
    #expect(metrics.contains("outcome=\"tolerated\"") && !metrics.contains("outcome=\"fail\""))
  }

  @Test func whatIsIgnoredIsNamedInEveryForm() throws {
    var verdict = Examples.pass
    verdict.checks[1].outcome = .notApplicable
    verdict.checks[1].severity = .ignore
    let name = "DSR002 balancer-bypassed"
    #expect(try cases(verdict)[name] == "skip")
    #expect(verdict.tapReport(isStrict: true).contains("\(name), tcp://10.1.10.10:80 # SKIP IGNORED"))
    #expect(verdict.textReport(color: false).contains("Ignored         balancer-bypassed\n"))
    #expect(verdict.markdownReport().contains("Ignored by the policy: balancer-bypassed"))
    #expect(verdict.htmlReport().contains("<dt>Ignored by the policy</dt><dd>balancer-bypassed</dd>"))
    #expect(verdict.prometheusReport(at: Examples.start, version: "1").contains("outcome=\"ignored\""))
  }

  @Test func aWaiverThatEndedExcusesNothing() throws {
    var verdict = Self.waived
    for index in verdict.checks.indices { verdict.checks[index].waiver?.hasEnded = true }
    #expect(try cases(verdict)["DSR001 reply-via-balancer"] == "fail")
    #expect(verdict.textReport(color: false).contains("NOT WAIVED since its waiver ended on 9999-12-31"))
  }

  @Test func theEvidenceStandsInTheFailure() throws {
    let report = Examples.fail.junitReport(isStrict: false)
    #expect(report.contains("frame 6 of switch.pcap"))
    #expect(report.contains("actual: destination MAC 06:1f:8a:6c:8e:d2, the balancer&#39;s"))
    #expect(report.contains("line 4 of lb.ipvsadm"))
    #expect(report.contains("filter: frame.number == 6"))
  }

  // MARK: TAP

  /// Perl's own reader says how many passed, failed and were skipped.
  @Test(arguments: [
    (0, false, "3 0 0"), (1, false, "1 2 1"), (1, true, "1 3 0"), (3, false, "1 2 1"), (4, false, "0 0 1"),
  ])
  func tapIsReadByPerl(index: Int, isStrict: Bool, counts: String) throws {
    let program = """
      use TAP::Parser; local $/; open my $file, '<', $ARGV[0]; my $parser = TAP::Parser->new({tap => <$file>});
      $parser->run; die join ';', $parser->parse_errors if $parser->parse_errors;
      my $skipped = () = $parser->skipped; my $passed = () = $parser->passed; my $failed = () = $parser->failed;
      print $passed - $skipped, " $failed $skipped";
      """
    let folder = try TemporaryFolder()
    let file = try folder.file("tap", Data(Self.verdicts[index].tapReport(isStrict: isStrict).utf8))
    #expect(try CommandLineTool.output("perl", ["-e", program, file.path]) == counts)
  }

  // MARK: GitHub

  @Test func everyFindingIsOneCommand() {
    let lines = Examples.fail.gitHubAnnotations(isStrict: false).split(separator: "\n")
    #expect(lines.map { $0.prefix { $0 != " " } } == ["::error", "::error", "::warning"])
    #expect(lines[1].hasPrefix("::error title=tcp%3A//10.1.10.10%3A80 DSR001 reply-via-balancer::Backend 06:d2"))
    #expect(lines[1].contains("%0Anext: On that backend"))
    let strict = Examples.fail.gitHubAnnotations(isStrict: true).split(separator: "\n")
    #expect(strict.allSatisfy { $0.hasPrefix("::error ") })
    #expect(Examples.pass.gitHubAnnotations(isStrict: false).hasPrefix("::notice title="))
  }

  @Test func aStrangersTextIsNoCommand() {
    let report = Self.hostileFail.gitHubAnnotations(isStrict: false)
    #expect(report.split(separator: "\n").count == 3)
    // Its percent sign is a sign, and does not end a line.
    #expect(report.contains("%250A::error::") && !report.contains("%0A::error::"))
  }

  // MARK: Markdown

  /// As GitHub renders it.
  private func html(_ verdict: Verdict) throws -> String {
    let folder = try TemporaryFolder()
    let file = try folder.file("report.md", Data(verdict.markdownReport().utf8))
    return try CommandLineTool.output("cmark-gfm", ["-e", "table", "-e", "autolink", "--unsafe", file.path])
  }

  @Test func markdownIsATableOfServicesAndASectionForEachFinding() throws {
    let page = try html(Examples.fail)
    #expect(page.contains("<h2>❌ dsrproof: fail</h2>"))
    #expect(page.contains("<td><code>tcp://10.1.10.10:80</code></td>\n<td>❌ fail</td>"))
    #expect(page.contains("<h3>❌ DSR001 reply-via-balancer: <code>tcp://10.1.10.10:80</code></h3>"))
    #expect(page.contains("<h3>❔ ARP004 vip-owner-contested: "))
    #expect(page.contains("<td><code>frame.number == 6 || (ip.addr"))
    #expect(!page.contains("ARP001"))
    #expect(page.contains("the file breaks off in the record at byte 4096"))
  }

  @Test func aStrangersTextIsNoMarkup() throws {
    let page = try html(Self.hostileFail)
    #expect(page.contains("a&lt;b&gt;&amp;&quot;'"))
    #expect(!page.contains("<b>") && !page.contains("<a ") && !page.contains("\u{1b}"))
    // Bars and backquotes end no cell: each row has its four.
    let evidence = page.components(separatedBy: "<th>evidence</th>").dropFirst().joined()
    let rows = evidence.components(separatedBy: "<tr>").dropFirst().filter { $0.contains("<td>") }
    #expect(!rows.isEmpty && rows.allSatisfy { $0.components(separatedBy: "<td>").count == 5 })
  }
}
