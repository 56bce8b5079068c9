public import Checks
import Evidence
import Tables
import Wire

extension Verdict {
  /// The report as `schema/report.schema.json` describes it. All but `run` is the same for the same captures.
  public func jsonReport(from run: RunRecord? = nil) throws -> String {
    var text = ""
    try writeJSON(to: &text, from: run)
    return text
  }

  /// The same, keys in alphabetical order and what a list holds a line each, so that no more than one is held at once.
  public func writeJSON(to output: inout some TextOutputStream, from run: RunRecord? = nil) throws {
    let lines = JSONLines()
    output.write("{\n")
    try lines.write("captures", captures.lazy.map(CaptureDocument.init), to: &output)
    try lines.write("checks", checks.lazy.filter(\.isToldAlone).map(CheckDocument.init), to: &output)
    let links = LinkList(services)
    try lines.write("links", links.documents, to: &output)
    try lines.write("probes", probes.lazy.map(ProbeDocument.init), to: &output)
    try lines.write("reason", reason, to: &output)
    try lines.write("run", run.map(RunDocument.init), to: &output)
    try lines.write("schemaVersion", reportSchemaVersion, to: &output)
    try lines.write("seen", seen.lazy.map(SeenDocument.init), to: &output)
    try lines.write("services", services.lazy.map { ServiceDocument($0, links) }, to: &output)
    let settled = CheckGroup.all(in: checks) { !$0.isToldAlone }
    try lines.write("settled", settled.lazy.map { SettledDocument($0, of: services.count) }, to: &output)
    try lines.write("tables", tables.lazy.map(TableDocument.init), to: &output)
    try lines.write("verdict", outcome.rawValue, isLast: true, to: &output)
    output.write("}\n")
  }
}

/// Raised when a key goes or changes its meaning, not when one is added.
let reportSchemaVersion = 3

extension CheckResult {
  /// It is a finding, or cites what shows it. What else a check says, it says of many services.
  fileprivate var isToldAlone: Bool {
    isFinding || !evidence.isEmpty || waiver != nil
  }
}

/// A check that passed or did not apply, with the services of which it says so.
private struct SettledDocument: Encodable {
  var id: String
  var slug: String
  var outcome: String
  var severity: String
  var summary: String
  var reason: String
  var remedy: String
  /// `null` for all.
  @OrNull var services: [String]?

  init(_ group: CheckGroup, of count: Int) {
    id = group.check.id
    slug = group.check.slug
    outcome = group.check.outcome.rawValue
    severity = group.check.severity.rawValue
    summary = group.check.summary
    reason = group.check.reason
    remedy = group.check.remedy
    services = group.services.count == count ? nil : group.services.map(\.url)
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
  var funnels: [FunnelDocument]
  var balancers: [StationDocument]
  var backends: [StationDocument]
  var legs: [LegDocument]
  var claims: [ClaimDocument]
  var moreClaims: Int?

  /// A storm of claims makes a hundred thousand, on an address that may have thousands of services.
  private static let mostClaims = 64

  init(_ service: ServiceVerdict, _ links: LinkList) {
    self.service = service.service.url
    name = service.name
    verdict = service.outcome.rawValue
    reason = service.reason
    proof = service.proof?.rawValue
    assumptions = service.assumptions.map(\.rawValue)
    vantage = service.vantage?.rawValue
    vantages = service.vantages.map(VantageDocument.init)
    flows = FlowCountsDocument(service.flows)
    funnels = service.funnels.map(FunnelDocument.init)
    balancers = service.balancers.map(StationDocument.init)
    backends = service.backends.map(StationDocument.init)
    legs = service.legs.map { LegDocument($0, links) }
    claims = service.claimants.prefix(Self.mostClaims).map(ClaimDocument.init)
    moreClaims = service.claimants.count > Self.mostClaims ? service.claimants.count - Self.mostClaims : nil
  }
}

private struct FunnelDocument: Encodable {
  struct Step: Encodable {
    var step: String
    var flows: Int
  }

  struct Loss: Encodable {
    var step: String
    var flows: Int
    var frame: UInt64
  }

  var capture: String
  @OrNull var interface: String?
  var steps: [Step]
  @OrNull var loss: Loss?

  init(_ funnel: Funnel) {
    capture = funnel.place.capture
    interface = funnel.place.interface
    steps = funnel.steps.map { Step(step: $0.step.rawValue, flows: $0.flows) }
    loss = funnel.loss.map { Loss(step: $0.step.rawValue, flows: $0.flows, frame: $0.frame.number) }
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
  var name: String?
  var mac: String
  var addresses: [String]
  var moreAddresses: Int?
  var knownBy: String
  var flows: Int
  var connections: Int?

  init(_ station: ServiceVerdict.Station) {
    name = station.name
    mac = station.mac.description
    // The balancer of two hundred VIPs owns two hundred addresses, and stands in each of them.
    addresses = station.addresses.prefix(mostListed).map(\.description)
    moreAddresses = station.addresses.count > mostListed ? station.addresses.count - mostListed : nil
    knownBy = station.knownBy
    flows = station.flows
    connections = station.connections
  }
}

/// A way that frames took, told once: thousands of services have the same balancer and the same backends.
private struct LinkDocument: Encodable, Hashable {
  var half: String
  var from: String
  var to: String
  @OrNull var sourceMAC: String?
  @OrNull var destinationMAC: String?
  var vlan: [UInt16]?
  var encapsulation: [String]?
  var capture: String?

  init(_ leg: ServiceVerdict.Leg) {
    half = leg.half.rawValue
    from = leg.from.rawValue
    to = leg.to.rawValue
    sourceMAC = leg.link.source?.description
    destinationMAC = leg.link.destination?.description
    vlan = leg.link.vlan.identifiers.nilIfEmpty
    capture = leg.capture
    encapsulation = leg.link.encapsulation.names.nilIfEmpty
  }
}

/// The links of all services, in the order in which they are first met.
private struct LinkList {
  private(set) var documents: [LinkDocument] = []
  private var numbers: [LinkDocument: Int] = [:]

  init(_ services: [ServiceVerdict]) {
    for leg in services.lazy.flatMap(\.legs) {
      let link = LinkDocument(leg)
      guard numbers[link] == nil else { continue }
      numbers[link] = documents.count
      documents.append(link)
    }
  }

  func number(of leg: ServiceVerdict.Leg) -> Int? { numbers[LinkDocument(leg)] }
}

private struct LegDocument: Encodable {
  /// Its number in the list of links.
  var link: Int?
  var frames: UInt64
  var flows: Int
  var otherClients: Int?

  init(_ leg: ServiceVerdict.Leg, _ links: LinkList) {
    link = links.number(of: leg)
    frames = leg.frames
    flows = leg.flows
    otherClients = leg.otherClients > 0 ? leg.otherClients : nil
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
    evidence = check.evidence.map { ExhibitDocument($0, isProof: check.isProof) }
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

extension Array {
  fileprivate var nilIfEmpty: Self? { isEmpty ? nil : self }
}

/// A frame, or a line of a table: each with its own keys.
private struct ExhibitDocument: Encodable {
  private let exhibit: Exhibit
  /// Of what passed nobody looks for the frames of a flow, and thousands of services may pass: it has a frame's number, and
  /// what that shows.
  private let isProof: Bool

  private enum CodingKeys: String, CodingKey {
    case capture, frame, time, flow, filter, table, line, expected, actual
  }

  init(_ exhibit: Exhibit, isProof: Bool) { (self.exhibit, self.isProof) = (exhibit, isProof) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(exhibit.actual, forKey: .actual)
    switch exhibit.source {
    case .frame(let frame):
      try container.encode(frame.capture, forKey: .capture)
      try container.encode(frame.number, forKey: .frame)
      guard !isProof else { return }
      try container.encode(exhibit.expected, forKey: .expected)
      try container.encode(frame.time.iso8601, forKey: .time)
      try container.encode(frame.flow.map(FlowDocument.init), forKey: .flow)
      try container.encode(frame.displayFilter, forKey: .filter)
    case .line(let line):
      try container.encode(exhibit.expected, forKey: .expected)
      try container.encode(line.path, forKey: .table)
      try container.encode(line.number > 0 ? line.number : nil, forKey: .line)
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
