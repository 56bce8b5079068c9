import Capture
import Checks
import Evidence
import Wire

/// Cuts a capture down to what proves its verdict (`verify -r … -w`), with comments on the frames that the verdict cites.
///
/// What is written is judged by itself before it comes to its place. Where it says otherwise, more is written.
final class CutCapture {
  /// What is kept of the flows. What is of no flow (ARP, VRRP, ICMP, fragments) is always kept.
  private enum Extent {
    /// Those that the report shows, and those of frames that it cites.
    case shown
    /// All from or to an address of the services that are judged.
    case services
    case all
  }

  private let source: Exemplars.Source
  private let limit: Int
  private let tunnelPorts: TunnelPorts
  private let verdict: Verdict
  private let comments: [UInt64: [String]]
  private var flows: Set<Flow> = []
  private var addresses: Set<IPAddress> = []

  /// `limit`: no more frames are read, as the first time.
  init(_ verdict: Verdict, of source: Exemplars.Source, limit: Int, tunnelPorts: TunnelPorts) {
    (self.source, self.limit, self.tunnelPorts, self.verdict) = (source, limit, tunnelPorts, verdict)
    comments = verdict.checks.comments[source.name] ?? [:]
    flows.formUnion(verdict.services.compactMap { $0.exemplar?.flow })
    for check in verdict.checks {
      for case .frame(let frame) in check.evidence.map(\.source) {
        if let flow = frame.flow { flows.insert(flow) }
      }
    }
    addresses.formUnion(verdict.services.map(\.service.address))
  }

  /// Writes it to `path`. `judge` judges the capture at a path as this one was judged.
  ///
  /// - Returns: how many frames were written, and of how many.
  func write(to path: String, judge: (_ path: String) throws -> Verdict) throws -> (kept: Int, all: Int) {
    let interfaces = try interfaces()
    for extent in [Extent.shown, .services] {
      let output = try Output(path: path)
      let counts = try write(extent, interfaces, to: output)
      guard let written = output.temporaryPath else {
        throw Failure.usage(
          "-w \(path): what is cut of a file is judged again before it is kept, so this must be a file")
      }
      if try judge(written).saysTheSame(as: verdict) {
        try output.finish()
        return counts
      }
    }
    let output = try Output(path: path)
    let counts = try write(.all, interfaces, to: output)
    try output.finish()
    return counts
  }

  private func reader() throws(Failure) -> CaptureReader {
    do throws(CaptureError) {
      return try CaptureReader(path: source.path, filter: source.filter)
    } catch {
      throw Failure(error)
    }
  }

  /// Those of all sections, with what was counted of them: the writer names them first.
  private func interfaces() throws(Failure) -> [CaptureInterface] {
    var reader = try reader()
    if reader.isText { throw .usage("-w: \(source.name) is text, which has no frames to keep") }
    var batch = FrameBatch()
    do throws(CaptureError) {
      while try reader.read(into: &batch) {}
    } catch {
      throw Failure(error)
    }
    return reader.interfaces.map { interface in
      var interface = interface
      // What the user's filter hid is missing as what the capture's own hid.
      interface.filter = [interface.filter, source.filter].compactMap(\.self).filter { !$0.isEmpty }
        .map { "(\($0))" }.joined(separator: " and ")
      if interface.filter?.isEmpty ?? true { interface.filter = nil }
      return interface
    }
  }

  private func write(
    _ extent: Extent, _ interfaces: [CaptureInterface], to output: Output
  ) throws(Failure) -> (kept: Int, all: Int) {
    var reader = try reader()
    var writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
    var batch = FrameBatch()
    var dissection = Dissection(tunnelPorts: tunnelPorts)
    var (kept, all, last) = (0, 0, Timestamp.earliest)
    do throws(CaptureError) {
      while all < limit, try reader.read(into: &batch) {
        for frame in batch.frames.prefix(limit - all) where interfaces.indices.contains(frame.interface) {
          all += 1
          last = max(last, frame.time)
          let bytes = batch.bytes.span.extracting(frame.offset..<frame.offset + frame.capturedLength)
          dissection.replace(
            with: bytes, linkType: interfaces[frame.interface].linkType, wireLength: frame.wireLength)
          guard keeps(frame, dissection, extent) else { continue }
          kept += 1
          writer.add(frame, in: batch.bytes, comments: comments[frame.number] ?? [])
        }
        output.write(bytes: writer.bytes)
        writer.removeAll()
      }
    } catch {
      throw Failure(error)
    }
    for (number, interface) in interfaces.enumerated() {
      guard let dropped = interface.dropped else { continue }
      var statistics = LiveInterface.Statistics()
      statistics.received = interface.delivered ?? 0
      statistics.droppedByKernel = dropped
      writer.add(statistics, delivered: interface.delivered, interface: number, at: last)
    }
    output.write(bytes: writer.bytes)
    try output.flush()
    return (kept, all)
  }

  private func keeps(_ frame: Frame, _ dissection: borrowing Dissection, _ extent: Extent) -> Bool {
    guard extent != .all, comments[frame.number] == nil, let (source, destination, transport) = dissection.ends else {
      return true
    }
    if flows.contains(Flow(transport: transport, client: source, server: destination))
      || flows.contains(Flow(transport: transport, client: destination, server: source))
    {
      return true
    }
    return extent == .services && (addresses.contains(source.address) || addresses.contains(destination.address))
  }
}

extension Verdict {
  /// The same outcome and proof of each service, by the same checks: it may count fewer flows.
  fileprivate func saysTheSame(as other: Verdict) -> Bool {
    outcome == other.outcome && services.count == other.services.count
      && zip(services, other.services).allSatisfy {
        $0.service == $1.service && $0.outcome == $1.outcome && $0.proof == $1.proof
      }
      && Self.found(checks) == Self.found(other.checks)
  }

  private static func found(_ checks: [CheckResult]) -> Set<String> {
    Set(checks.map { "\($0.name) \($0.outcome) \($0.service)" })
  }
}

extension InputOptions {
  /// Cuts the one capture that was read, and says what came of it. `judge` judges another in its place.
  func cut(_ verdict: Verdict, to path: String, judge: (InputOptions) throws -> Verdict) throws {
    let inputs = try inputs
    guard let capture = inputs.first, inputs.count == 1, capture.path != "-", !capture.isPipe else {
      throw Failure.usage(
        "-w with -r cuts one capture, which is a file: found \(inputs.count == 1 ? "a pipe" : "\(inputs.count)")")
    }
    let source = Exemplars.Source(name: capture.path, path: capture.path, filter: filter)
    let counts = try CutCapture(verdict, of: source, limit: frameLimit ?? .max, tunnelPorts: tunnelPorts)
      .write(to: path) { written in
        var again = self
        again.captures = [capture.name.map { "\($0)=\(written)" } ?? written]
        again.frameLimit = nil
        return try judge(again)
      }
    complain("wrote \(counts.kept) of \(counts.all) frames to \(path): by themselves they give the same verdict")
  }
}
