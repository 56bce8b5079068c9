import Checks
import Evidence
import Report
import TestSupport
import Testing
import Wire

/// Reports for people name a few of what may be thousands; JSON has all.
@Suite struct LongListTests {
  private static func verdict(backends: Int, services: Int) throws -> Verdict {
    var verdict = Examples.pass
    var service = try #require(verdict.services.first)
    service.backends = (0..<backends).map {
      ServiceVerdict.Station(
        mac: MACAddress(0x02be_0000_0000 + UInt64($0)), addresses: [], knownBy: "gets requests", flows: 1)
    }
    verdict.services = (0..<services).map { number in
      var other = service
      other.service.port = UInt16(number + 1)
      return other
    }
    verdict.checks = verdict.services.map { service in
      CheckResult(
        id: "DSR001", slug: "reply-via-balancer", outcome: .inconclusive, service: service.service, summary: "open",
        reason: "", evidence: [])
    }
    return verdict
  }

  @Test(arguments: [(5, nil), (6, "and 1 more"), (10_000, "and 9995 more")] as [(Int, String?)])
  func fiveBackendsAreNamed(count: Int, more: String?) throws {
    let text = try Self.verdict(backends: count, services: 1).textReport(color: false)
    #expect(text.matches(of: /gets requests\n/).count == 5)
    #expect(text.contains("more: --format json gives them all") == (more != nil))
    if let more { #expect(text.contains(more)) }
  }

  @Test func aHundredServicesAreShown() throws {
    let verdict = try Self.verdict(backends: 1, services: 250)
    let text = verdict.textReport(color: false)
    #expect(text.matches(of: #/\ntcp://10\.1\.10\.10:\d+ +PASS /#).count == 100)
    #expect(text.contains("\nand 150 more (150 pass): --all lists them\n"))
    let page = verdict.markdownReport()
    #expect(page.contains("\nand 150 services more: `--format json` gives them all\n"))
    let json = verdict.jsonReport()
    #expect(json.matches(of: /"id":"DSR001"/).count == 250)
  }

  @Test func aBalancerOfManyAddressesIsNamedByFive() throws {
    var verdict = Examples.pass
    verdict.services[0].balancers[0].addresses = (1...200).map { IPAddress(v4: 0x0a01_0a00 + $0) }
    #expect(verdict.textReport(color: false).contains(" 10.1.10.5 and 195 more, "))
    let json = verdict.jsonReport()
    #expect(json.contains(#""10.1.10.5"],"#) && json.contains(#""moreAddresses":195"#))
    #expect(try Schema.report.faults(in: [json]) == "")
  }

  @Test func aStormOfClaimsIsNotRepeatedForEachService() throws {
    var verdict = Examples.pass
    verdict.services[0].claimants = (0..<100_000).map { .init(mac: MACAddress($0), frames: 1) }
    let json = verdict.jsonReport()
    #expect(json.matches(of: #/{"frames":1,"mac":/#).count == 64 && json.contains(#""moreClaims":99936"#))
    #expect(try Schema.report.faults(in: [json]) == "")
  }

  /// Of 4,000 services that passed, each of these has ten megabytes at most: what each more adds is bounded.
  @Test(arguments: ["json", "html", "junit"])
  func aPassingServiceAddsLittle(form: String) throws {
    let size = { (services: Int) in
      let verdict = Self.passing(services)
      return switch form {
      case "json": verdict.jsonReport().utf8.count
      case "html": verdict.htmlReport().utf8.count
      default: verdict.junitReport(isStrict: false).utf8.count
      }
    }
    let (some, more) = (size(200), size(300))
    #expect((more - some) / 100 <= (form == "json" ? 1500 : 2400))
  }

  /// Each with a drawing, a flow, forty checks and the frames that prove it.
  private static func passing(_ count: Int) -> Verdict {
    var verdict = Examples.proved
    let (service, proof) = (verdict.services[0], verdict.checks[0])
    verdict.services = (0..<count).map { number in
      var other = service
      other.service.port = UInt16(number + 1)
      return other
    }
    verdict.checks = verdict.services.flatMap { service in
      var proof = proof
      proof.service = service.service
      let others = (10..<50).map { number in
        CheckResult(
          id: "DSR0\(number)", slug: "check-\(number)", outcome: number < 20 ? .pass : .notApplicable,
          service: service.service, summary: "nothing was seen that this check looks for", reason: "",
          evidence: [])
      }
      return [proof] + others
    }
    return verdict
  }
}
