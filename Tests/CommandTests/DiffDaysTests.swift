import Foundation
import TestSupport
import Testing

/// `dsrproof diff` of several files: captures of the lab, as reports and as evidence, on days of their own.
@Suite struct DiffDaysTests {
  private static let vip = ["--vip", "10.1.10.10:80"]
  private static let good = "lab/route-remote-client/switch.pcap"
  private static let bad = "lab/route-one-backend-of-two/switch.pcap"

  /// A fixture whose frames came so many days later. All of them are little-endian pcap files.
  private static func capture(_ path: String, daysLater days: UInt32) throws -> Data {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: Repository.fixture(path))))
    let word = { (bytes: [UInt8], offset: Int) in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) }
    }
    var offset = 24
    while offset + 16 <= bytes.count {
      let seconds = word(bytes, offset) + days * 86_400
      for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: seconds >> (8 * place)) }
      offset += 16 + Int(word(bytes, offset + 8))
    }
    return Data(bytes)
  }

  /// `day-0.json` and `day-0.evidence` of the first, and so on.
  private static func days(_ paths: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (day, path) in paths.enumerated() {
      let capture = try folder.file("day-\(day).pcap", capture(path, daysLater: UInt32(day))).path
      _ = try Executable.run(["-r", capture, "-o", folder.path("day-\(day).json")] + vip)
      #expect(try Executable.run("evidence", "-r", capture, "-o", folder.path("day-\(day).evidence")).status == 0)
    }
    return folder
  }

  @Test func aDayThatWentWrongIsFound() throws {
    let folder = try Self.days([Self.good, Self.bad, Self.good])
    let paths = ["day-2.json", "day-0.json", "day-1.json"]
    let result = try Executable.run(["diff"] + paths, in: folder.url)
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.output.contains("in files    pass 1, fail 2, pass 3\n"))
    #expect(
      result.output.contains("went wrong  between 2026-11-25T06:12:52Z (1) and 2026-11-26T06:12:33Z (2): 3 of 6 flows"))
    #expect(result.output.contains("at fault    06:d2:0a:b1:14:21 (10.1.10.22) in 2: 3 of 3 flows\n"))
    #expect(result.output.contains("06:d2:0a:b1:14:21 → 06:1f:8a:6c:8e:d2 (reply backend → balancer) appeared"))

    // Evidence is judged as a report of its capture says, alone or beside reports.
    let evidence = ["day-1.evidence", "day-2.evidence", "day-0.evidence"]
    let judged = try Executable.run(["diff"] + Self.vip + evidence, in: folder.url)
    #expect(judged.status == 0)
    #expect(judged.output.replacing(".evidence (evidence)", with: ".json") == result.output)
    let mixed = try Executable.run(["diff"] + Self.vip + [evidence[0], paths[1], paths[0]], in: folder.url)
    #expect(mixed.output.replacing(".evidence (evidence)", with: ".json") == result.output)

    let json = try Executable.run(["diff", "--format", "json"] + Self.vip + evidence, in: folder.url)
    #expect(try Schema.history.faults(in: [json.output]) == "")
    #expect(json.output.contains(#""faultyFlows":[0,3,0]"#))
  }

  @Test func theExitStatusHoldsTheFirstAgainstTheLast() throws {
    let folder = try Self.days([Self.good, Self.good, Self.bad])
    let paths = ["day-2.json", "day-0.json", "day-1.json"].map(folder.path)
    #expect(try Executable.run(["diff"] + paths).status == 1)
    // Two are compared as they are named.
    #expect(try Executable.run("diff", paths[0], paths[1]).status == 0)
    let two = try Executable.run(["diff"] + Self.vip + ["day-0.evidence", "day-2.evidence"].map(folder.path))
    #expect(two.status == 1)
    #expect(two.output == (try Executable.run("diff", paths[1], paths[0]).output))
  }

  @Test func aFileWithoutFramesIsNamed() throws {
    let folder = try Self.days([Self.good, Self.bad])
    let empty = try folder.file("empty.pcap", SampleCapture.empty).path
    _ = try Executable.run("evidence", "-r", empty, "-o", folder.path("empty.evidence"))
    let days = ["day-0.json", "day-1.json"].map(folder.path)
    let result = try Executable.run(["diff"] + days + [folder.path("empty.evidence")])
    #expect(result.status == 2)
    #expect(result.output == "")
    #expect(result.errors.contains("empty.evidence: expected the times of frames"))
    #expect(try Executable.run("diff", days[0], folder.path("empty.evidence")).status == 1)
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let folder = try Self.days([Self.good])
    let report = folder.path("day-0.json")
    let broken = try folder.file("broken.evidence", try folder.data("day-0.evidence").prefix(300)).path
    let notes = try folder.file("notes.txt", Data("none".utf8)).path
    for (path, words) in [
      (broken, "broken.evidence: cut short"),
      (folder.path("day-0.pcap"), "day-0.pcap: expected a report or evidence, found"),
      (notes, "notes.txt: expected what dsrproof verify"), (folder.path("none.json"), "none.json: cannot read"),
    ] {
      let result = try Executable.run("diff", report, path, Repository.fixture("reports/pass-2.json"))
      #expect(result.status == 2)
      #expect(result.output == "")
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func oneFileIsNotSeveralDays() throws {
    let report = Repository.fixture("reports/pass-2.json")
    let twice = try Executable.run("diff", report, Repository.fixture("reports/fail-2.json"), report)
    #expect(twice.status == 64)
    #expect(twice.errors.contains("is the same file as"))
    let alone = try Executable.run("diff", report)
    #expect(alone.status == 64)
    #expect(alone.errors.contains("Name two files or more"))
  }

  @Test func copiesOfAFileAreToldAndCompared() throws {
    let folder = try TemporaryFolder()
    let report = Repository.fixture("reports/pass-2.json")
    let copy = try folder.file("copy.json", try Data(contentsOf: URL(filePath: report))).path
    let result = try Executable.run("diff", report, copy, Repository.fixture("reports/fail-2.json"))
    #expect(result.status == 1)
    #expect(result.errors.contains("copy.json begins before "))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func howEvidenceIsJudgedIsNotAskedOfReports() throws {
    let report = Repository.fixture("reports/pass-2.json")
    for options in [
      Self.vip, ["--balancer-mac", "06:1f:8a:6c:8e:d2"], ["--backend", "10.1.10.21"], ["--config", report],
    ] {
      let result = try Executable.run(["diff"] + options + [report, report])
      #expect(result.status == 64)
      #expect(result.errors.contains("none of these files is evidence"))
    }
  }

  @Test func aConfigurationSaysWhatIsKnown() throws {
    let folder = try Self.days([Self.good, Self.bad])
    _ = try folder.file("dsrproof.yaml", Data("services: [10.1.10.10:80]\n".utf8))
    let evidence = ["day-0.evidence", "day-1.evidence"]
    let result = try Executable.run(["diff"] + evidence, in: folder.url)
    #expect(result.errors.contains("takes dsrproof.yaml of the working directory"))
    #expect(result.output == (try Executable.run(["diff", "day-0.json", "day-1.json"], in: folder.url).output))
    let overwriting = try Executable.run(["diff", "-o", "dsrproof.yaml"] + evidence, in: folder.url)
    #expect(overwriting.status == 64)
    #expect(try folder.text("dsrproof.yaml").hasPrefix("services:"))
  }
}
