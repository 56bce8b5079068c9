import Foundation
import TestSupport
import Testing

/// `dsrproof diff`: 0 nothing worse, 1 worse, 2 could not run, 64 usage.
@Suite struct DiffCommandTests {
  private static func kept(_ name: String) -> String { Repository.fixture("reports/\(name)-1.json") }

  @Test(arguments: [("pass", "pass", 0), ("pass", "fail", 1), ("fail", "pass", 0)] as [(String, String, Int32)])
  func theExitStatusIsOneForTheWorse(before: String, after: String, status: Int32) throws {
    let result = try Executable.run("diff", Self.kept(before), Self.kept(after))
    #expect(result.status == status)
    #expect(result.output.contains("Unchanged: "))
    #expect(result.errors == "")
  }

  @Test func aRunOverTheSameCaptureDoesNotDiffer() throws {
    let folder = try TemporaryFolder()
    let capture = Repository.fixture("lab/route-one-backend-of-two/switch.pcap")
    let before = try Executable.run("-r", capture, "--vip", "10.1.10.10:80", "--format", "json")
    let again = ["-r", capture, "--vip", "10.1.10.10:80", "-o", "json=\(folder.path("after.json"))"]
    #expect(try Executable.run(again).status == 1)
    let diff = try Executable.run("diff", "-", folder.path("after.json"), input: Data(before.output.utf8))
    #expect(diff.status == 0)
    #expect(diff.output.hasPrefix("NO CHANGE "))
  }

  @Test func aReportIsNotOverwritten() throws {
    let folder = try TemporaryFolder()
    let report = try folder.file("report.json", try Data(contentsOf: URL(filePath: Self.kept("pass"))))
    let result = try Executable.run("diff", Self.kept("pass"), report.path, "-o", report.path)
    #expect(result.status == 64)
    #expect(try folder.text("report.json").contains("schemaVersion"))
  }

  @Test func whatIsNoReportIsNamed() throws {
    let result = try Executable.run("diff", Repository.fixture("LIST"), Self.kept("pass"))
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.contains("fixtures/LIST: expected what dsrproof verify --format json writes, found no JSON"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func aKeyThatStandsTwiceIsNamed() throws {
    let folder = try TemporaryFolder()
    let report = try String(contentsOf: URL(filePath: Self.kept("fail")), encoding: .utf8)
    for key in ["verdict", "verd\\u0069ct"] {
      let twice = report.replacingOccurrences(of: "\"verdict\"", with: "\"\(key)\" : \"pass\",\n\"verdict\"")
      let file = try folder.file("twice.json", Data(twice.utf8))
      let result = try Executable.run("diff", Self.kept("pass"), file.path)
      #expect(result.status == 2)
      #expect(result.output == "")
      #expect(result.errors.contains("twice.json: line "))
      #expect(result.errors.contains("expected each key once in an object, found \"verdict\" twice"))
    }
  }

  @Test func standardInputIsOneReport() throws {
    let result = try Executable.run("diff", "-", "-")
    #expect(result.status == 64)
    #expect(result.errors.contains("standard input"))
  }
}
