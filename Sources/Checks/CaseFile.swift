/// A file of a case's folder, and what it was taken for.
public struct CaseFile: Sendable, Hashable {
  public enum Use: String, Sendable, CaseIterable {
    case capture, packetText, evidence
    case ipvs, host, kubernetes, as3, firewallMarks, configuration
    /// It was not read, and `reason` says why.
    case leftOut
  }

  /// Below the folder.
  public var path: String
  public var use: Use
  /// The host that it belongs to, where the folder tells.
  public var host: String?
  /// Why it was left out; empty of what was taken.
  public var reason: String
  /// It was left out, and is no mere note: what it says might have failed the service.
  public var mayMatter: Bool

  public init(path: String, use: Use, host: String? = nil, reason: String = "", mayMatter: Bool = false) {
    (self.path, self.use, self.host, self.reason, self.mayMatter) = (path, use, host, reason, mayMatter)
  }
}

extension Verdict {
  /// Takes the files of a case. Nothing passes beside one that was left out and might say otherwise.
  public mutating func take(_ files: [CaseFile]) {
    caseFiles = files
    let doubtful = files.filter(\.mayMatter)
    guard let first = doubtful.first else { return }
    let isOne = doubtful.count == 1
    let left = isOne ? "\(first.path) was" : "\(first.path), and \(doubtful.count - 1) more, were"
    let those = isOne ? "it" : "them"
    let words =
      "\(left) left out, and may say otherwise: \(first.reason); mend \(those), or judge without \(those)"
    leaveOpen(because: words) { _ in true }
  }

  /// Leaves open what passes, but for those services.
  public mutating func passOnly(_ passing: Set<ServicePattern>, because words: String) {
    leaveOpen(because: words) { !passing.contains($0) }
  }

  private mutating func leaveOpen(because words: String, where isOpen: (ServicePattern) -> Bool) {
    var isAnyOpen = false
    for index in services.indices where services[index].outcome == .pass && isOpen(services[index].service) {
      isAnyOpen = true
      services[index].outcome = .inconclusive
      services[index].cause = words
      services[index].proof = nil
    }
    if outcome == .pass, isAnyOpen { (outcome, cause) = (.inconclusive, words) }
  }
}
