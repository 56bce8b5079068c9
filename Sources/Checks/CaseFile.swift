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

  public init(path: String, use: Use, host: String? = nil, reason: String = "") {
    (self.path, self.use, self.host, self.reason) = (path, use, host, reason)
  }
}
