import Evidence

/// Where the frames of flows were captured.
struct FlowPlaces: Sendable {
  let points: [CapturePoint]
  let captures: [CaptureSummary]

  /// The file, and the interface where it is known.
  func place(of trace: LinkTrace) -> String {
    frame(of: trace).path + (interface(of: trace.link).map { " (\($0))" } ?? "")
  }

  /// The first frame, in the file in which it stands.
  func frame(of trace: LinkTrace) -> (path: String, number: UInt64) {
    captures[points[trace.link.point].capture].place(ofFrame: trace.firstFrame)
  }

  /// The name of the interface; of a nameless one among several, its number.
  func interface(of link: Link) -> String? {
    let point = points[link.point]
    let names = captures[point.capture].interfaces
    if names.indices.contains(point.interface), !names[point.interface].isEmpty { return names[point.interface] }
    return point.interfaceIndex == 0 ? nil : "index \(point.interfaceIndex)"
  }
}
