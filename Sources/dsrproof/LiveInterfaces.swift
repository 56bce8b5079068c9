import Capture
import Evidence

/// What a run that captures at several interfaces says of them.
extension [LiveInterface] {
  /// As a capture describes them.
  var descriptions: [CaptureInterface] {
    map { CaptureInterface(name: $0.name, linkType: $0.linkType, snapLength: $0.snapLength, filter: $0.filter ?? "") }
  }

  /// What the kernel has counted of all of them. `lost`: why one could be read no further.
  func counts(lost: String?) -> CaptureSummary.LiveCounts {
    var counts = CaptureSummary.LiveCounts()
    counts.lostInterface = lost
    for interface in self {
      guard let statistics = interface.statistics else { continue }
      counts.received += statistics.received
      counts.droppedByKernel += statistics.droppedByKernel
      counts.droppedByInterface += statistics.droppedByInterface
    }
    return counts
  }
}
