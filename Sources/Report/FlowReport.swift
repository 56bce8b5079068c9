import Checks
public import Evidence
import Wire

/// Every flow with its links: raw material, without judgement. Written flow by flow, for there may be very many.
public struct FlowReport<Traces: Sequence<FlowTrace> & Sendable>: Sendable {
  private let traces: Traces
  private let points: [CapturePoint]
  private let captures: [CaptureSummary]

  /// `points` and `captures` are those of the evidence that the traces came from.
  public init(_ traces: Traces, points: [CapturePoint], captures: [CaptureSummary]) {
    self.traces = traces
    self.points = points
    self.captures = captures
  }

  /// A block a flow: its ends, then one hop a line.
  public func writeText(to output: inout some TextOutputStream) {
    var count = 0
    for trace in traces {
      count += 1
      output.write(trace.flow.text + (trace.direction == .assumed ? "  (which end is the client is a guess)" : ""))
      output.write("  \(trace.flow.communityID)\n")
      for link in trace.links { output.write("  \(line(of: link).withoutControls)\n") }
    }
    output.write("\(counted(count, "flow"))\n")
  }

  private func line(of trace: LinkTrace) -> String {
    let link = trace.link
    let half = trace.half == .request ? "request" : "reply  "
    var facts = ["\(name(of: link.source)) → \(name(of: link.destination))"]
    if !link.vlan.text.isEmpty { facts.append("vlan \(link.vlan.text)") }
    if !link.encapsulation.isEmpty { facts.append(link.encapsulation.text) }
    facts.append("\(counted(trace.frames, "frame")), first \(frame(of: trace).number)")
    if points.count > 1 { facts.append("in \(place(of: trace))") }
    return half + " " + facts.joined(separator: "  ")
  }

  private func name(of mac: MACAddress?) -> String { mac?.description ?? "(not recorded)   " }

  private func place(of trace: LinkTrace) -> String {
    frame(of: trace).path + (interface(of: trace.link).map { " (\($0))" } ?? "")
  }

  /// The first frame, in the file in which it stands.
  private func frame(of trace: LinkTrace) -> (path: String, number: UInt64) {
    captures[points[trace.link.point].capture].place(ofFrame: trace.firstFrame)
  }

  /// The name of the interface; of a nameless one among several, its number.
  private func interface(of link: Link) -> String? {
    let point = points[link.point]
    let names = captures[point.capture].interfaces
    if names.indices.contains(point.interface), !names[point.interface].isEmpty { return names[point.interface] }
    return point.interfaceIndex == 0 ? nil : "index \(point.interfaceIndex)"
  }
}

// MARK: CSV

extension FlowReport {
  /// One row a link, as RFC 4180 has it but for line ends, which are those of the tools that read it.
  public func writeCSV(to output: inout some TextOutputStream) {
    output.write(
      "capture,protocol,client,clientPort,server,serverPort,half,sourceMAC,destinationMAC,vlan,encapsulation,"
        + "frames,firstFrame,communityId\n")
    for trace in traces {
      let flow = trace.flow
      let ends = "\(flow.client.address),\(flow.client.port),\(flow.server.address),\(flow.server.port)"
      let communityID = flow.communityID
      for link in trace.links {
        let macs = "\(link.link.source?.description ?? ""),\(link.link.destination?.description ?? "")"
        output.write(
          "\(quoted(frame(of: link).path)),\(flow.transport.name),\(ends),\(link.half.rawValue),\(macs),"
            + "\(link.link.vlan.text),\(link.link.encapsulation.text),\(link.frames),\(frame(of: link).number),\(communityID)\n"
        )
      }
    }
  }

  private func quoted(_ field: String) -> String {
    let safe = field.withoutControls
    guard safe.contains(where: { $0 == "," || $0 == "\"" }) else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

// MARK: JSON

extension FlowReport {
  /// The document that `schema/flows.schema.json` describes, one flow a line.
  public func writeJSON(to output: inout some TextOutputStream) throws {
    let lines = JSONLines()
    let captures = try JSON.text(of: captures.map(CaptureDocument.init), pretty: false)
    output.write("{\n\"captures\": \(captures),\n")
    try lines.write("flows", traces.lazy.map(document), to: &output)
    try lines.write("schemaVersion", 1, isLast: true, to: &output)
    output.write("}\n")
  }

  private func document(of trace: FlowTrace) -> FlowTraceDocument {
    FlowTraceDocument(
      flow: FlowDocument(trace.flow), direction: trace.direction.rawValue,
      links: trace.links.map { LinkDocument($0, frame(of: $0), interface: interface(of: $0.link)) })
  }
}

private struct FlowTraceDocument: Encodable {
  var flow: FlowDocument
  var direction: String
  var links: [LinkDocument]

  private enum CodingKeys: String, CodingKey {
    case flow, direction
    // The published schema's name, which readers of the document rely on.
    case links = "hops"
  }
}

private struct LinkDocument: Encodable {
  var capture: String
  @OrNull var interface: String?
  var half: String
  @OrNull var sourceMAC: String?
  @OrNull var destinationMAC: String?
  var vlan: [UInt16]
  var encapsulation: [String]
  @OrNull var tunnelSource: String?
  @OrNull var tunnelDestination: String?
  @OrNull var tunnelIdentifier: UInt32?
  var frames: UInt64
  var firstFrame: UInt64
  var firstTime: String
  var lastTime: String

  init(_ trace: LinkTrace, _ first: (path: String, number: UInt64), interface: String?) {
    capture = first.path
    self.interface = interface
    half = trace.half.rawValue
    sourceMAC = trace.link.source?.description
    destinationMAC = trace.link.destination?.description
    vlan = trace.link.vlan.identifiers
    encapsulation = trace.link.encapsulation.names
    tunnelSource = trace.link.encapsulation.source?.description
    tunnelDestination = trace.link.encapsulation.destination?.description
    tunnelIdentifier = trace.link.encapsulation.identifier
    frames = trace.frames
    firstFrame = first.number
    firstTime = trace.firstTime.iso8601
    lastTime = trace.lastTime.iso8601
  }
}
