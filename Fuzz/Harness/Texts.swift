import Capture
import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport

@testable import dsrproof

/// A flow to judge beside the tables.
private let seed: Evidence? = try? CaptureContents(path: Repository.fixture("seed.pcap")).evidence

/// A table is read, or refused with its place; what is read is judged by itself and beside a capture.
func readTable(_ text: String, by reader: TableReader) {
  let tables: Tables
  do {
    tables = try reader.read(text)
  } catch {
    mustHold(error is TableError || error is HostFileError, "\(error)")
    return
  }
  if case .nothing(let reason) = CaseSight(text: text, path: "table"), reader != .hosts, reader != .firewall {
    mustHold(false, "read by \(reader), and a case leaves it out: \(reason)")
  }
  if tables.isEmpty { return }
  var random = chance(of: text.utf8)
  // What is written takes most of the time, so one of three is.
  switch Int.random(in: 0..<3, using: &random) {
  case 0: checkVerdict(audit(tables, under: Policy()), mayPass: false)
  case 1: _ = judge(tables, under: Policy()).textReport(of: tables, color: true)
  default: if let seed { checkVerdict(judge(seed, beside: tables, under: Policy()), mayPass: true) }
  }
}

/// A configuration is read, or refused with its place.
func readConfiguration(_ text: String) {
  do {
    _ = try Config(text: text, folder: "site")
  } catch {
    mustHold(!error.expected.isEmpty)
  }
}

/// Two reports, with a zero between them, or one and itself, are compared in every form, and as days beside each other.
func readDiff(_ input: ArraySlice<UInt8>) {
  let texts = input.split(separator: 0, maxSplits: 1)
  let reports = texts.compactMap { try? SavedReport(json: Data($0)) }
  guard reports.count == texts.count, let before = reports.first, let after = reports.last else { return }
  let diff = ReportDiff(from: before, to: after)
  _ = (diff.text(color: true), diff.markdown())
  let json = diff.json()
  mustHold((try? JSONSerialization.jsonObject(with: Data(json.utf8))) != nil, "no JSON")
  let days = [before, after, before].map { History.Named($0, name: "day", isEvidence: false) }
  guard let history = try? History(days) else { return }
  _ = (history.text(color: true), history.markdown())
  let document = history.json()
  mustHold((try? JSONSerialization.jsonObject(with: Data(document.utf8))) != nil, "no JSON of several days")
}
