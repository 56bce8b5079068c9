public import Foundation

/// The folders of this repository.
public enum Repository {
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  public static let fixtures = root.appending(path: "fixtures")
  public static let schema = root.appending(path: "schema")

  /// Every capture below `fixtures/`, by its path inside it.
  public static let captures: [String] = {
    let all = FileManager.default.enumerator(atPath: fixtures.path)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.hasSuffix(".pcap") }.sorted()
  }()

  public static func fixture(_ path: String) -> String { fixtures.appending(path: path).path }
}

/// A line of `fixtures/LIST`: a capture, and what must be said of it.
public struct FixtureLine: Sendable, CustomStringConvertible {
  public var path: String
  public var arguments: [String]
  public var verdict: String
  public var failing: Set<String>
  public var mayFailMore: Bool
  public var flows: String?
  public var description: String { ([path] + arguments).joined(separator: " ") }

  init?(_ text: Substring) {
    let columns = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard !text.hasPrefix("#"), columns.count == 6 else { return nil }
    path = columns[0]
    arguments = columns[1] == "-" ? [] : columns[1].split(separator: " ").map(String.init)
    verdict = columns[2]
    failing = Set(columns[3].split(separator: ",").map(String.init)).subtracting(["-", "+"])
    mayFailMore = columns[3].hasSuffix("+")
    flows = columns[4] == "-" ? nil : columns[4]
  }

  public static let all: [FixtureLine] = {
    let text = try? String(contentsOf: Repository.fixtures.appending(path: "LIST"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap(FixtureLine.init)
  }()
}
