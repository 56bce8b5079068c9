import Capture
import Checks
import Evidence
import EvidenceFile
import Platform
import Report
import Tables

/// Reads what `diff` compares: reports, and evidence, which is judged as `verify` would judge it.
final class DiffInput {
  private let options: DiffEvidenceOptions
  /// Where the comparison goes, which must be none of the files that a configuration names.
  private let outputPath: String?
  /// Read with the first file of evidence.
  private var site: (policy: Policy, tables: Tables)?

  init(_ options: DiffEvidenceOptions, outputPath: String?) {
    (self.options, self.outputPath) = (options, outputPath)
  }

  /// A file was evidence.
  var hasJudged: Bool { site != nil }

  func read(_ path: String) throws -> History.Named {
    let name = path == "-" ? "standard input" : path
    let signature = EvidenceFile.signature
    let (file, start) = try Self.open(path, name, signature.count)
    if start == signature {
      let report = try judge(try Self.rest(of: file, behind: start, name), name)
      return History.Named(report, name: name, isEvidence: true)
    }
    if CaptureReader.recognizes(start) {
      throw Failure.cannotRun(
        """
        \(name): expected a report or evidence, found a capture: dsrproof verify -r FILE --format json -o DAY.json makes a \
        report, dsrproof evidence -r FILE -o DAY.evidence evidence
        """)
    }
    let text = try inputText(of: file, behind: start, name: name, kind: "report")
    do throws(SavedReport.Fault) {
      return History.Named(try SavedReport(json: text.utf8), name: name, isEvidence: false)
    } catch {
      throw Failure.cannotRun("\(name): \(error)")
    }
  }

  private static func open(_ path: String, _ name: String, _ count: Int) throws(Failure) -> (OpenFile, [UInt8]) {
    do throws(SystemError) {
      let file = path == "-" ? OpenFile.standardInput : try OpenFile(reading: path)
      return (file, try file.read(count))
    } catch {
      throw .cannotRun("\(name): cannot read: \(error)")
    }
  }

  /// Evidence may be as long as it likes.
  private static func rest(of file: OpenFile, behind start: [UInt8], _ name: String) throws(Failure) -> [UInt8] {
    do throws(SystemError) {
      return start + (try file.readAll(limit: .max))
    } catch {
      throw .cannotRun("\(name): cannot read: \(error)")
    }
  }

  private func judge(_ bytes: [UInt8], _ name: String) throws -> SavedReport {
    let kept: EvidenceFile
    do throws(EvidenceFileError.Fault) {
      kept = try EvidenceFile(bytes)
    } catch {
      throw Failure(EvidenceFileError(path: name, fault: error))
    }
    let known = try site ?? options.site(besides: outputPath)
    site = known
    let file = GatheredFile.evidence(CaptureInput(path: name), kept)
    let evidence = Evidence.united(try [file].parts(for: known.policy.services))
    let verdict = Checks.judge(evidence, beside: known.tables, under: known.policy)
    do throws(SavedReport.Fault) {
      return try SavedReport(json: verdict.jsonReport().utf8)
    } catch {
      throw Failure.cannotRun("\(name): \(error)")
    }
  }
}
