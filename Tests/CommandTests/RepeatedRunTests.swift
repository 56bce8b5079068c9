import Foundation
import TestSupport
import Testing

/// Every process draws its hash seeds anew, and none may show in a report.
@Suite struct RepeatedRunTests {
  /// One pair of MACs carries one flow bare and in a tunnel, or in several VLANs.
  @Test(arguments: [
    ["tunnel-gue-v4-mirror-bad", "mirror-tcp-v4-bad", "tunnel-ipip-v4-mirror-bad"],
    ["qinq-trunk-bad", "vlan-trunk-bad", "mirror-tcp-v4-bad"],
  ])
  func everyRunGivesTheSameReport(names: [String]) throws {
    let folder = try TemporaryFolder()
    let files = try names.map { try Data(contentsOf: Repository.fixtures.appending(path: "traps/\($0).pcap")) }
    // Their file headers are equal, so that the records of all make one capture.
    let joined = files.dropFirst().reduce(into: files[0]) { $0 += $1.dropFirst(24) }
    let capture = try folder.file("joined.pcap", joined)
    let reports = try (0..<12).map { _ in
      try Executable.run("verify", "-r", capture.path, "--vip", "10.1.10.10", "--format", "json").output
    }
    #expect(reports[0].contains("\"legs\""))
    // All but where it comes from.
    let documents = try reports.map { try Self.withoutRun($0) }
    #expect(Set(documents).count == 1)
  }

  private static func withoutRun(_ report: String) throws -> Data {
    var document = try #require(try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any])
    #expect(document.removeValue(forKey: "run") is [String: Any])
    return try JSONSerialization.data(withJSONObject: document, options: .sortedKeys)
  }
}
