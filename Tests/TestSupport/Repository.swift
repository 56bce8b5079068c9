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
  /// The rules that decide; empty where that is not stated.
  public var decidedBy: [String]
  public var description: String { ([path] + arguments).joined(separator: " ") }

  init?(_ text: Substring) {
    let columns = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard !text.hasPrefix("#"), columns.count == 7 else { return nil }
    path = columns[0]
    arguments = columns[1] == "-" ? [] : columns[1].split(separator: " ").map(String.init)
    verdict = columns[2]
    failing = Set(columns[3].split(separator: ",").map(String.init)).subtracting(["-", "+"])
    mayFailMore = columns[3].hasSuffix("+")
    flows = columns[4] == "-" ? nil : columns[4]
    decidedBy = columns[5] == "-" ? [] : columns[5].split(separator: ",").map(String.init)
  }

  /// With every file that they name, as in `--ipvs lb=tables/lb`, by its whole path.
  public var absoluteArguments: [String] {
    arguments.map { word in
      let name = word.split(separator: "=").last.map(String.init) ?? word
      let path = Repository.fixture(name)
      guard name.contains("/"), FileManager.default.fileExists(atPath: path) else { return word }
      return word.dropLast(name.count) + path
    }
  }

  public static let all: [FixtureLine] = {
    let text = try? String(contentsOf: Repository.fixtures.appending(path: "LIST"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap(FixtureLine.init)
  }()
}

/// Captures of one kind in one file, for programs that take long to start.
public struct CaptureBundle: Sendable, CustomStringConvertible {
  /// What one capture gives to the bundle.
  public struct Part: Sendable {
    public var path: String
    public var frames: Int
  }

  public var bytes: [UInt8]
  public var parts: [Part]
  public var description: String { parts.map(\.path).joined(separator: " ") }

  /// Every capture of the fixtures, some dozens in a bundle. All of them are little-endian pcap files; those whose
  /// headers are equal (link type, snap length, resolution) go together.
  public static let fixtures: [CaptureBundle] = {
    var bundles: [CaptureBundle] = []
    var open: [[UInt8]: Int] = [:]
    for path in Repository.captures {
      let bytes = [UInt8]((try? Data(contentsOf: Repository.fixtures.appending(path: path))) ?? Data())
      let header = Array(bytes.prefix(24))
      let part = Part(path: path, frames: countFrames(bytes))
      if let index = open[header], bundles[index].parts.count < 48 {
        bundles[index].bytes += bytes.dropFirst(24)
        bundles[index].parts.append(part)
      } else {
        open[header] = bundles.count
        bundles.append(CaptureBundle(bytes: bytes, parts: [part]))
      }
    }
    return bundles
  }()

  private static func countFrames(_ bytes: [UInt8]) -> Int {
    var (count, offset) = (0, 24)
    while offset + 16 <= bytes.count {
      offset += 16 + (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
      count += 1
    }
    return count
  }

  /// The capture that a frame of the bundle came from, and its number there; `index` counts from 0.
  public func origin(of index: Int) -> String {
    var rest = index
    for part in parts {
      if rest < part.frames { return "\(part.path) frame \(rest + 1)" }
      rest -= part.frames
    }
    return "no frame of \(self)"
  }
}
