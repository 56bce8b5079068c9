import Evidence

/// What tshark's lines do not show, and what is open for it.
struct LeftOutLines {
  /// Frames longer than what their lines show: something is around it.
  private let hidden: UInt64
  /// Packets without ports.
  private let unread: UInt64

  init(_ evidence: Evidence) {
    hidden = evidence.columnLines(passedOver: .malformed)
    unread = evidence.columnLines(passedOver: .cut)
  }

  /// Where tags and tunnels are hidden nothing is certain. A packet of which the flow is not known may have been an answer, or
  /// what was moved, repeated or refused.
  func leaveOpen(_ results: inout [CheckResult]) {
    guard hidden > 0 || unread > 0 else { return }
    // Where no exchange was looked at, the return path itself is open.
    let passed = results.contains { $0.id == "DSR009" && $0.outcome == .pass } ? "DSR009" : "DSR001"
    for index in results.indices {
      let result = results[index]
      if hidden > 0, result.outcome == .fail || result.id == "DSR001" && result.outcome == .pass {
        results[index].leaveOpen(
          because: "\(hidden) of tshark's lines leave out a VLAN tag or a tunnel, for which their frames have room",
          next: .giveFile)
      } else if unread > 0,
        result.id == passed && result.outcome == .pass
          || ["DSR004", "DSR009"].contains(result.id) && result.outcome == .fail
      {
        results[index].leaveOpen(because: "for \(unread) of tshark's lines no flow is told", next: .printPorts)
      }
    }
  }
}
