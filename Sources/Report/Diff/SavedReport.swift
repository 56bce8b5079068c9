import Checks
public import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON report of `verify`, as far as two are compared. Keys that came later than a report was written are optional,
/// and keys of a later build are passed over.
public struct SavedReport: Decodable, Sendable {
  var verdict: Verdict.Outcome
  var services: [Service]
  /// One for each service of which a check says something.
  var checks: [Check]
  private(set) var captures: [Capture]?
  private(set) var links: [Link]?
  private var settled: [Settled]?

  struct Capture: Decodable {
    var firstTime: Timestamp?
    var lastTime: Timestamp?
  }

  struct Service: Decodable {
    var service: String
    var verdict: Verdict.Outcome
    var reason: String?
    /// One that this build does not know stays a word without a rank.
    var proof: String?
    var assumptions: [String]?
    var vantage: String?
    var flows: Flows?
    var balancers: [Station]?
    var backends: [Station]?
    var claims: [Claimant]?
    var legs: [Leg]?
  }

  struct Flows: Decodable {
    var total: UInt64
    var viaBalancer: UInt64
    var bypassed: UInt64
    var unanswered: UInt64
    var undecided: UInt64
  }

  struct Station: Decodable {
    var mac: String
    var addresses: [String]
    var faultyFlows: UInt64?
    var flows: UInt64?
  }

  struct Claimant: Decodable { var mac: String }

  /// `nil` before schemaVersion 3.
  struct Leg: Decodable { var link: Int? }

  struct Link: Decodable {
    var half: String
    var from: String
    var to: String
    var sourceMAC: String?
    var destinationMAC: String?
    var vlan: [Int]?
    var encapsulation: [String]?
  }

  struct Check: Decodable {
    var id: String
    var slug: String
    var outcome: CheckResult.Outcome
    var service: String
    var summary: String?
    var severity: String?
    var waiver: Waiver?

    struct Waiver: Decodable { var ended: Bool }

    /// The policy of that run did not let it decide.
    var isTolerated: Bool { severity ?? "error" != "error" || waiver?.ended == false }
  }
}

extension SavedReport {
  /// What a check says of several services in the same words, since schemaVersion 2.
  fileprivate struct Settled: Decodable {
    var id: String
    var slug: String
    var outcome: CheckResult.Outcome
    var severity: String?
    var summary: String?
    /// `nil` for all.
    var services: [String]?
  }

  /// The same with each settled check at each of its services.
  private mutating func spread() {
    for check in settled ?? [] {
      checks += (check.services ?? services.map(\.service)).map { Check(check, $0) }
    }
    settled = nil
  }
}

extension SavedReport.Check {
  fileprivate init(_ settled: SavedReport.Settled, _ service: String) {
    self.init(
      id: settled.id, slug: settled.slug, outcome: settled.outcome, service: service, summary: settled.summary,
      severity: settled.severity)
  }
}

extension Verdict.Outcome: Decodable {}
extension CheckResult.Outcome: Decodable {}

extension Timestamp: Decodable {
  /// As reports write it.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer()
    guard let moment = Timestamp(iso8601: try text.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: text, debugDescription: "")
    }
    self = moment
  }
}

extension SavedReport {
  private struct Version: Decodable { var schemaVersion: Int }

  /// Why it is no report that this build reads.
  public struct Fault: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  public init(json text: some Sequence<UInt8>) throws(Fault) {
    let json = Data(text)
    var isJSON = false
    do {
      let version = try JSONDecoder().decode(Version.self, from: json).schemaVersion
      isJSON = true
      guard version <= reportSchemaVersion else {
        throw Fault(
          description: """
            expected a report with schemaVersion \(reportSchemaVersion) or lower, found \(version): compare it with the \
            newer dsrproof that wrote it
            """)
      }
      if let repeated = RepeatedKey(in: Array(json)) {
        throw Fault(
          description: "line \(repeated.line): expected each key once in an object, found \"\(repeated.key)\" twice")
      }
      self = try JSONDecoder().decode(SavedReport.self, from: json)
      spread()
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault(
        description:
          "expected what dsrproof verify --format json writes, found \(Self.words(for: error, isJSON: isJSON))")
    }
  }

  private static func words(for error: any Error, isJSON: Bool) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): "no \"\(key.stringValue)\" in \(place(context))"
    case .typeMismatch(_, let context): "a value of another kind in \(place(context))"
    case .valueNotFound(_, let context): "null in \(place(context))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty: "an unknown word in \(place(context))"
    // The decoder does not say where a number is out of range.
    default: isJSON ? "a number out of range" : "no JSON"
    }
  }

  /// `services[2].flows`.
  private static func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    return path.isEmpty ? "the document" : String(path.trimmingPrefix("."))
  }
}
