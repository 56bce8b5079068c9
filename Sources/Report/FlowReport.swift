import Checks
public import Evidence
import Wire

/// Every flow with its links: raw material, without judgement. Written flow by flow, for there may be very many.
public struct FlowReport<Traces: Sequence<FlowTrace> & Sendable>: Sendable {
  private let traces: Traces
  private let places: FlowPlaces

  /// `points` and `captures` are those of the evidence that the traces came from.
  public init(_ traces: Traces, points: [CapturePoint], captures: [CaptureSummary]) {
    self.traces = traces
    places = FlowPlaces(points: points, captures: captures)
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
    facts.append("\(counted(trace.frames, "frame")), first \(places.frame(of: trace).number)")
    if places.points.count > 1 { facts.append("in \(places.place(of: trace))") }
    return half + " " + facts.joined(separator: "  ")
  }

  private func name(of mac: MACAddress?) -> String { mac?.description ?? "(not recorded)   " }
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
        // A dot would make a number of two tags: 10.20 is 10.2.
        let vlan = link.link.vlan.identifiers.map(String.init).joined(separator: "/")
        output.write(
          "\(Self.cell(places.frame(of: link).path)),\(flow.transport.name),\(ends),\(link.half.rawValue),\(macs),"
            + "\(vlan),\(link.link.encapsulation.text),\(link.frames),\(places.frame(of: link).number),\(communityID)\n"
        )
      }
    }
  }

  /// A text that others chose. One that a spreadsheet would take for a formula gets an apostrophe, which says that it is text;
  /// one that holds what separates cells is quoted.
  ///
  /// Source: OWASP, "CSV Injection".
  private static func cell(_ text: String) -> String {
    let begins = text.unicodeScalars.first.map { formulaSigns.contains($0) } ?? false
    let safe = (begins ? "'" : "") + text.withoutControls
    guard begins || safe.contains(where: { separators.contains($0) }) else { return safe }
    return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static var formulaSigns: Set<Unicode.Scalar> { ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"] }
  /// A semicolon is one where the comma stands in numbers.
  private static var separators: Set<Character> { [",", ";", "\"", "'"] }
}

// MARK: JSON

extension FlowReport {
  /// The document that `schema/flows.schema.json` describes, one flow a line.
  public func writeJSON(to output: inout some TextOutputStream) {
    let places = places
    var lines = JSONLines()
    lines.write("captures", places.captures, to: &output)
    lines.write("flows", traces, to: &output) { $1.write(to: &$0, places) }
    lines.write("schemaVersion", 1, to: &output)
    lines.end(to: &output)
  }
}
