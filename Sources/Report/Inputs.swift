import Checks
import Evidence
import Wire

// What the verdict rests on, in words.

extension CaptureSummary {
  /// What it holds, in one line.
  var facts: String {
    let types = linkTypes.map(\.name).joined(separator: ", ")
    let span = firstTime.flatMap { first in lastTime.map { "\(first.iso8601) to \($0.iso8601)" } }
    return [types.isEmpty ? "no frames" : types, counted(frames, "frame"), span].compactMap(\.self)
      .joined(separator: ", ")
  }

  /// What lowers the worth of this capture.
  var warnings: [String] {
    var warnings: [String] = []
    if let truncatedAt {
      warnings.append("the file breaks off in the record at byte \(truncatedAt); all before it was judged")
    }
    if let live {
      warnings.append(
        "\(live.received) received, \(live.droppedByKernel) dropped by the kernel, \(live.droppedByInterface) by interfaces"
      )
      if let reason = live.lostInterface { warnings.append("ended early: \(reason)") }
    } else {
      if let dropped, dropped > 0 { warnings.append("\(counted(dropped, "frame")) lost before the file was written") }
      if cutFrames > 0 { warnings.append("\(counted(cutFrames, "frame")) cut short by the snap length") }
    }
    if undecodedFrames > 0 { warnings.append("\(counted(undecodedFrames, "frame")) that could not be decoded") }
    if laterFragments > 0 { warnings.append("\(counted(laterFragments, "later fragment")) without ports") }
    return warnings
  }
}

extension TableSummary {
  /// What it is, in one line.
  var facts: String { kind.words + (host.map { " of \($0)" } ?? "") }

  /// Of an IPVS table: whose it is, and how that was found.
  var owner: String? {
    kind == .ipvs ? "\(role?.words ?? "whose table it is, is open"): \(reason)" : nil
  }
}
