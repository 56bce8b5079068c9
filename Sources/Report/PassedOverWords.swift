import Checks
import Evidence
import Wire

extension CaptureSummary {
  /// Which frames were not looked into and why, in one line: `not looked into: 12 frames in tunnels (vxlan), 2 cut short`.
  var passedOverWords: String? {
    guard !passedOver.isEmpty else { return nil }
    var parts: [String] = []
    let tunnels = passedOver.keys.sorted().compactMap(\.tunnel)
    if !tunnels.isEmpty {
      let frames = tunnels.reduce(UInt64(0)) { $0 &+ (passedOver[.tunnel($1)] ?? 0) }
      parts.append(
        "\(counted(frames, "frame")) in tunnels that are not opened (\(listed(tunnels) { $0.entry.name }))")
    }
    for (reason, words) in [
      (PassedOver.nested, "in too many tunnels"), (.malformed, "that \(contradicts(.malformed))"),
      (.cut, "cut before the end of the headers"), (.otherProtocol, "of other protocols"),
      (.foreignLink, "of interfaces whose link type is not read"),
    ] {
      if let frames = passedOver[reason] { parts.append("\(counted(frames, "frame")) \(words)") }
    }
    if let lines = passedOver[.unreadLine] { parts.append("\(counted(lines, "line")) of text") }
    return "not looked into: " + parts.joined(separator: ", ")
  }

  private func contradicts(_ reason: PassedOver) -> String {
    passedOver[reason] == 1 ? "contradicts itself" : "contradict themselves"
  }
}

extension UntoldPorts.Hint {
  /// `12 frames to UDP port 8473 look like VXLAN; --tunnel vxlan:8473 opens them`.
  var words: String {
    "\(counted(frames, "frame")) to UDP port \(port) look like \(tunnel.entry.title); --tunnel \(tunnel.entry.name):\(port) "
      + "opens them"
  }
}
