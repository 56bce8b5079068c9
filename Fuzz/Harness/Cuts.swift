import Checks
import Evidence
import TestSupport
import Wire

/// A capture in parts is judged as the whole; one that lost frames decides less, and never the contrary; and a second
/// capture takes no fault away. `docs/verdict.md` promises these.
func checkCuts(
  _ contents: CaptureContents, _ verdict: Verdict, _ policy: Policy, _ random: inout SeededGenerator
) {
  checkParts(contents, verdict, policy, &random)
  guard verdict.outcome == .fail else { return }
  mustHold(outcome(of: contents.silent, policy) != .pass, "a pass without a flow")
  if let index = contents.frames.indices.randomElement(using: &random) {
    var cut = contents
    let frame = cut.frames.remove(at: index)
    mustHold(
      outcome(of: cut, policy) != .pass || verdict.isShown(by: frame.number, of: contents.ends(of: frame)),
      "a fail is a pass without frame \(frame.number)")
  }
  var other = contents
  other.path = "other.pcap"
  other.frames.removeAll { _ in Bool.random(using: &random) }
  let both = Evidence.united([contents.part, other.part])
  mustHold(judge(both, under: policy).outcome != .pass, "a second capture makes a pass of a fail")
}

private func outcome(of contents: CaptureContents, _ policy: Policy) -> Verdict.Outcome {
  judge(contents.evidence, under: policy).outcome
}

/// Parts that the user calls by one name are one capture. Files whose times overlap may be of two interfaces, and are left out.
private func checkParts(
  _ contents: CaptureContents, _ verdict: Verdict, _ policy: Policy, _ random: inout SeededGenerator
) {
  let place = Int.random(in: 0...contents.frames.count, using: &random)
  var (first, second) = (contents, contents)
  (first.frames, second.frames) = (Array(contents.frames[..<place]), Array(contents.frames[place...]))
  if let last = first.frames.map(\.time).max(), let next = second.frames.map(\.time).min(), next < last { return }
  second.path = "lb.pcap1"
  let joined = judge(Evidence.united([first.part, second.part].map { $0.named("lb") }), under: policy)
  mustHold(
    joined.outcome == verdict.outcome && joined.services.map(\.flows) == verdict.services.map(\.flows),
    "cut at \(place) it is judged otherwise: \(joined.outcome), \(joined.cause), and \(verdict.outcome), \(verdict.cause)"
  )
}

extension CapturePart {
  fileprivate func named(_ name: String) -> CapturePart {
    var part = self
    part.name = name
    return part
  }
}

extension Verdict {
  /// Each fault is one that this frame alone may show: the report names it, or its flow.
  fileprivate func isShown(by number: UInt64, of ends: Set<Endpoint>) -> Bool {
    checks.filter { $0.outcome == .fail }.allSatisfy { check in
      check.evidence.contains { exhibit in
        guard case .frame(let frame) = exhibit.source else { return false }
        return frame.number == number || frame.flow.map { ends == [$0.client, $0.server] } ?? false
      }
    }
  }
}

extension CaptureContents {
  fileprivate var part: CapturePart {
    var part = CapturePart(
      evidence: evidence, path: path, lastFrame: frames.last?.number ?? 0,
      interfaces: linkTypes.indices.map { .init(name: interfaces[$0], origin: "", linkType: linkTypes[$0]) })
    part.filters = linkTypes.map { _ in nil }
    return part
  }

  /// Without the frames of any flow.
  fileprivate var silent: CaptureContents {
    var silent = self
    silent.frames.removeAll { !ends(of: $0).isEmpty }
    return silent
  }

  /// Of the flow that a frame belongs to; empty for any other frame.
  fileprivate func ends(of frame: Frame) -> Set<Endpoint> {
    let bytes = bytes.span.extracting(frame.offset..<frame.offset + frame.capturedLength)
    let dissection = Dissection(bytes, linkType: linkTypes[frame.interface], wireLength: frame.wireLength)
    guard let network = dissection.network else { return [] }
    let ports: (UInt16, UInt16)
    switch dissection.content {
    case .tcp(let header): ports = (header.sourcePort, header.destinationPort)
    case .udp(let header): ports = (header.sourcePort, header.destinationPort)
    default: return []
    }
    return [
      Endpoint(address: network.source, port: ports.0), Endpoint(address: network.destination, port: ports.1),
    ]
  }
}
