import Capture
import Checks
import Evidence
import Report
import Wire

/// Reads captures again, after the verdict, for the frames that a report shows of one flow of each service.
struct Exemplars {
  /// Frames of a flow that are kept of each capture; those that prove a fault come besides.
  private static let mostFrames = 40
  /// Services whose flows are shown, most urgent first.
  private static let mostServices = 50

  private var verdict: Verdict
  /// The places in `verdict.services` that show a flow.
  private var services: [Flow: [Int]] = [:]
  /// Frames of other flows that prove something of a service's flow, as an answer from a wrong address does.
  private var proof: [UInt64: [Int]] = [:]
  private let tunnelPorts: TunnelPorts

  /// A capture that can be read again.
  struct Source {
    /// What the verdict calls it.
    var name: String
    var path: String
    var filter: String?
    /// A file that is open, and has no name any more.
    var descriptor: Int32?
  }

  /// The verdict with frames, as far as the captures can be read again: what cannot be is left out, and the report says so.
  /// No more than `limit` frames are read, as the first time.
  static func shown(
    in verdict: Verdict, from sources: [Source], limit: Int = .max, tunnelPorts: TunnelPorts = .standard
  ) -> Verdict {
    var exemplars = Exemplars(verdict, tunnelPorts)
    var rest = limit
    var known: Set<String> = []
    for source in sources where known.insert(source.name).inserted {
      // Once it was read, what comes from a pipe is gone.
      guard source.descriptor != nil || fileStatus(source.path)?.kind == .regular else { continue }
      try? exemplars.read(source, limit: &rest)
    }
    return exemplars.verdict
  }

  private init(_ verdict: Verdict, _ tunnelPorts: TunnelPorts) {
    self.tunnelPorts = tunnelPorts
    self.verdict = verdict
    let urgent = verdict.services.indices.sorted {
      (verdict.services[$0].outcome.urgency, $0) < (verdict.services[$1].outcome.urgency, $1)
    }
    for index in urgent.prefix(Self.mostServices) {
      if let flow = verdict.services[index].exemplar?.flow { services[flow, default: []].append(index) }
    }
  }

  private mutating func read(_ source: Source, limit: inout Int) throws(CaptureError) {
    proof = [:]
    for index in services.values.joined() {
      for number in verdict.services[index].exemplar?.proof[source.name] ?? [] {
        proof[number, default: []].append(index)
      }
    }
    var counts: [Int: Int] = [:]
    var reader =
      if let descriptor = source.descriptor {
        try CaptureReader(path: source.path, descriptor: descriptor, filter: source.filter)
      } else {
        try CaptureReader(path: source.path, filter: source.filter)
      }
    var batch = FrameBatch()
    var dissection = Dissection(tunnelPorts: tunnelPorts)
    while limit > 0, try reader.read(into: &batch) {
      for frame in batch.frames.prefix(limit) {
        guard reader.interfaces.indices.contains(frame.interface) else { continue }
        let bytes = batch.bytes.span.extracting(frame.offset..<frame.offset + frame.capturedLength)
        dissection.replace(
          with: bytes, linkType: reader.interfaces[frame.interface].linkType, wireLength: frame.wireLength)
        take(frame, of: source.name, dissection, &counts)
      }
      limit -= min(limit, batch.frames.count)
    }
  }

  private mutating func take(
    _ frame: Frame, of path: String, _ dissection: borrowing Dissection, _ counts: inout [Int: Int]
  ) {
    guard let (source, destination, transport) = dissection.ends else { return }
    let asked = Flow(transport: transport, client: source, server: destination)
    let answered = Flow(transport: transport, client: destination, server: source)
    for index in services[asked] ?? [] { add(frame, path, dissection, .request, to: index, &counts) }
    for index in services[answered] ?? [] { add(frame, path, dissection, .reply, to: index, &counts) }
    for index in proof[frame.number] ?? [] {
      guard let flow = verdict.services[index].exemplar?.flow, asked != flow, answered != flow else { continue }
      let half: Half = destination == flow.client ? .reply : .request
      add(frame, path, dissection, half, from: source.address, to: index, &counts)
    }
  }

  private mutating func add(
    _ frame: Frame, _ path: String, _ dissection: borrowing Dissection, _ half: Half, from foreign: IPAddress? = nil,
    to service: Int, _ counts: inout [Int: Int]
  ) {
    let isProof = verdict.services[service].exemplar?.proof[path]?.contains(frame.number) ?? false
    guard isProof || counts[service, default: 0] < Self.mostFrames else {
      verdict.services[service].exemplar?.omitted += 1
      return
    }
    counts[service, default: 0] += 1
    let shown = Exemplar.Frame(
      frame, of: path, dissection, half: half, foreignSource: foreign, legs: verdict.services[service].legs)
    if let shown {
      verdict.services[service].exemplar?.frames.append(shown)
    }
  }
}

extension Dissection {
  /// Sender and receiver of a TCP segment or a UDP datagram.
  var ends: (source: Endpoint, destination: Endpoint, transport: TransportProtocol)? {
    guard let network else { return nil }
    let (transport, sourcePort, destinationPort): (TransportProtocol, UInt16, UInt16)
    switch content {
    case .tcp(let tcp): (transport, sourcePort, destinationPort) = (.tcp, tcp.sourcePort, tcp.destinationPort)
    case .udp(let udp): (transport, sourcePort, destinationPort) = (.udp, udp.sourcePort, udp.destinationPort)
    default: return nil
    }
    return (
      Endpoint(address: network.source, port: sourcePort),
      Endpoint(address: network.destination, port: destinationPort),
      transport
    )
  }
}

extension InputOptions {
  /// The files that were read: none, where what was named cannot be. Elsewhere the name of a file, to `-r` a minus sign is
  /// standard input.
  var sources: [Exemplars.Source] {
    ((try? inputs) ?? []).filter { $0.path != "-" }.map {
      Exemplars.Source(name: $0.path, path: $0.path, filter: filter)
    }
  }
}
