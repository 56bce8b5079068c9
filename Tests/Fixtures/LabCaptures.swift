import Foundation

extension Fixture {
  /// Captures of a real IPVS (Linux 6.1, in user-mode Linux), with the tables of each host beside them. `lab/run
  /// --refresh` makes them and writes `fixtures/lab/LIST` from the scenarios, where their expectations stand.
  static let labCaptures: [Fixture] = {
    let list = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "fixtures/lab/LIST")
    guard let text = try? String(contentsOf: list, encoding: .utf8) else { fatalError("cannot read \(list.path)") }
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      guard let fixture = Fixture(labLine: line) else { fatalError("\(list.path): not understood: \(line)") }
      return fixture
    }
  }()

  /// A line as in `fixtures/LIST`.
  private init?(labLine: Substring) {
    let columns = labLine.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard columns.count == 6, let verdict = Verdict(rawValue: columns[2]) else { return nil }
    let slugs = columns[3].split(separator: ",").map(String.init)
    var flows: Flows?
    if columns[4] != "-" {
      let counts = columns[4].split(separator: "/").compactMap { Int($0) }
      guard counts.count == 5 else { return nil }
      flows = Flows(
        direct: counts[0], viaBalancer: counts[1], bypassed: counts[2], unanswered: counts[3], undecided: counts[4])
    }
    self.init(
      columns[0], columns[1] == "-" ? "" : columns[1], verdict, failing: slugs.filter { $0 != "-" && $0 != "+" },
      mayFailMore: slugs.last == "+", flows, columns[5], nil)
  }
}
