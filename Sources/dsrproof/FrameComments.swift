import Checks

/// What is said of frames, by what evidence calls their capture and by number.
typealias FrameComments = [String: [UInt64: [String]]]

extension [CheckResult] {
  /// What each frame shows that these cite.
  var comments: FrameComments {
    var comments: FrameComments = [:]
    for check in self {
      for exhibit in check.evidence {
        guard case .frame(let frame) = exhibit.source else { continue }
        comments[frame.capture, default: [:]][frame.number, default: []].append(
          "\(check.name): expected \(exhibit.expected), found \(exhibit.actual)")
      }
    }
    return comments
  }
}
