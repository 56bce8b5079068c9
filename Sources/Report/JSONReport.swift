public import Checks
import Evidence
import Tables
import Wire

extension Verdict {
  /// The report as `schema/report.schema.json` describes it, keys in alphabetical order. All but `run` is the same for the
  /// same captures.
  public func jsonReport(from run: RunRecord? = nil) throws -> String {
    try JSON.text(of: ReportDocument(self, run), pretty: true) + "\n"
  }
}

/// Raised when a key goes or changes its meaning, not when one is added.
let reportSchemaVersion = 1

private struct ReportDocument: Encodable {
  var schemaVersion = reportSchemaVersion
  @OrNull var run: RunDocument?
  var verdict: String
  var reason: String
  var services: [ServiceDocument]
  var checks: [CheckDocument]
  var captures: [CaptureDocument]
  var tables: [TableDocument]
  var probes: [ProbeDocument]
  var seen: [SeenDocument]

  init(_ verdict: Verdict, _ run: RunRecord?) {
    self.run = run.map(RunDocument.init)
    self.verdict = verdict.outcome.rawValue
    reason = verdict.reason
    services = verdict.services.map(ServiceDocument.init)
    checks = verdict.checks.map(CheckDocument.init)
    captures = verdict.captures.map(CaptureDocument.init)
    tables = verdict.tables.map(TableDocument.init)
    probes = verdict.probes.map(ProbeDocument.init)
    seen = verdict.seen.map(SeenDocument.init)
  }
}

private struct ServiceDocument: Encodable {
  var service: String
  @OrNull var name: String?
  var verdict: String
  var reason: String
  @OrNull var proof: String?
  var assumptions: [String]
  @OrNull var vantage: String?
  var vantages: [VantageDocument]
  var flows: FlowCountsDocument
  var balancers: [StationDocument]
  var backends: [StationDocument]
  var legs: [LegDocument]
  var claims: [ClaimDocument]

  init(_ service: ServiceVerdict) {
    self.service = service.service.url
    name = service.name
    verdict = service.outcome.rawValue
    reason = service.reason
    proof = service.proof?.rawValue
    assumptions = service.assumptions.map(\.rawValue)
    vantage = service.vantage?.rawValue
    vantages = service.vantages.map(VantageDocument.init)
    flows = FlowCountsDocument(service.flows)
    balancers = service.balancers.map(StationDocument.init)
    backends = service.backends.map(StationDocument.init)
    legs = service.legs.map(LegDocument.init)
    claims = service.claimants.map(ClaimDocument.init)
  }
}

private struct ClaimDocument: Encodable {
  var mac: String
  var frames: UInt64

  init(_ claimant: ServiceVerdict.Claimant) {
    mac = claimant.mac.description
    frames = claimant.frames
  }
}

private struct VantageDocument: Encodable {
  var capture: String
  @OrNull var interface: String?
  @OrNull var vantage: String?

  init(_ seen: ServiceVerdict.CaptureVantage) {
    capture = seen.capture
    interface = seen.interface
    vantage = seen.vantage?.rawValue
  }
}

private struct FlowCountsDocument: Encodable {
  var total: Int
  var direct: Int
  var viaBalancer: Int
  var bypassed: Int
  var unanswered: Int
  var background: Int
  var undecided: Int

  init(_ counts: ServiceVerdict.FlowCounts) {
    total = counts.total
    direct = counts.direct
    viaBalancer = counts.viaBalancer
    bypassed = counts.bypassed
    unanswered = counts.unanswered
    background = counts.background
    undecided = counts.undecided
  }
}

private struct StationDocument: Encodable {
  @OrNull var name: String?
  var mac: String
  var addresses: [String]
  var knownBy: String
  var flows: Int
  @OrNull var connections: Int?

  init(_ station: ServiceVerdict.Station) {
    name = station.name
    mac = station.mac.description
    addresses = station.addresses.map(\.description)
    knownBy = station.knownBy
    flows = station.flows
    connections = station.connections
  }
}

private struct LegDocument: Encodable {
  var half: String
  var from: String
  var to: String
  @OrNull var sourceMAC: String?
  @OrNull var destinationMAC: String?
  var vlan: [UInt16]
  var encapsulation: [String]
  var frames: UInt64
  var flows: Int
  var otherClients: Int

  init(_ leg: ServiceVerdict.Leg) {
    half = leg.half.rawValue
    from = leg.from.rawValue
    to = leg.to.rawValue
    sourceMAC = leg.link.source?.description
    destinationMAC = leg.link.destination?.description
    vlan = leg.link.vlan.identifiers
    encapsulation = leg.link.encapsulation.names
    frames = leg.frames
    flows = leg.flows
    otherClients = leg.otherClients
  }
}

private struct CheckDocument: Encodable {
  var id: String
  var slug: String
  var outcome: String
  var service: String
  var summary: String
  var reason: String
  var remedy: String
  var evidence: [ExhibitDocument]
  var severity: String
  @OrNull var waiver: WaiverDocument?

  init(_ check: CheckResult) {
    id = check.id
    slug = check.slug
    outcome = check.outcome.rawValue
    service = check.service.url
    summary = check.summary
    reason = check.reason
    remedy = check.remedy
    evidence = check.evidence.map(ExhibitDocument.init)
    severity = check.severity.rawValue
    waiver = check.waiver.map(WaiverDocument.init)
  }
}

private struct WaiverDocument: Encodable {
  var reason: String
  var until: String
  var ended: Bool

  init(_ waiver: CheckResult.Waived) {
    reason = waiver.reason
    until = waiver.until.description
    ended = waiver.hasEnded
  }
}

private struct ExhibitDocument: Encodable {
  @OrNull var capture: String?
  @OrNull var frame: UInt64?
  @OrNull var time: String?
  @OrNull var flow: FlowDocument?
  @OrNull var filter: String?
  @OrNull var table: String?
  @OrNull var line: Int?
  var expected: String
  var actual: String

  init(_ exhibit: Exhibit) {
    expected = exhibit.expected
    actual = exhibit.actual
    switch exhibit.source {
    case .frame(let frame):
      capture = frame.capture
      self.frame = frame.number
      time = frame.time.iso8601
      flow = frame.flow.map(FlowDocument.init)
      filter = frame.displayFilter
    case .line(let line):
      table = line.path
      self.line = line.number > 0 ? line.number : nil
    }
  }
}

private struct ProbeDocument: Encodable {
  var service: String
  @OrNull var client: String?
  @OrNull var clientPort: UInt16?
  @OrNull var status: String?
  @OrNull var failure: String?
  @OrNull var latencySeconds: Double?
  var answeredBy: [String]
  @OrNull var frames: String?

  init(_ probe: ProbeResult) {
    service = probe.service.url
    client = probe.client?.address.description
    clientPort = probe.client?.port
    status = probe.status
    failure = probe.failure
    latencySeconds = probe.latency
    answeredBy = probe.answeredBy.map(\.description)
    frames = probe.sight?.words
  }
}

private struct TableDocument: Encodable {
  var kind: String
  var path: String
  @OrNull var host: String?
  @OrNull var role: String?
  var reason: String

  init(_ table: TableSummary) {
    kind = table.kind.rawValue
    path = table.path
    host = table.host
    role = table.role?.rawValue
    reason = table.reason
  }
}
