import Foundation
import TestSupport

/// What reads something that others wrote. `seeds.py` makes the inputs that it begins with, in the order that stands here.
enum Reader: String, CaseIterable {
  case dissection, pcap, pcapng, gzip, zstd, text, evidence, reports
  case ipvs, firewall, hosts, pasted, kubernetes, as3, config, diff, requests

  func read(_ input: ArraySlice<UInt8>) {
    switch self {
    case .dissection: readDissection(input)
    case .pcap, .pcapng, .gzip, .zstd: readCapture(input)
    case .text: readPrintedPackets(input)
    case .evidence: readEvidence(Array(input))
    case .reports: readReports(input)
    case .diff: readDiff(input)
    case .requests: readRequest(input)
    case .ipvs, .firewall, .hosts, .pasted, .kubernetes, .as3, .config:
      guard let text = String(validating: input, as: UTF8.self) else { return }
      if let reader = TableReader(rawValue: rawValue) { readTable(text, by: reader) } else { readConfiguration(text) }
    }
  }

  /// The one that `FUZZ` names, whatever an input says.
  static let only: Reader? = {
    for table in TableReader.allCases where Reader(rawValue: table.rawValue) == nil {
      fatalError("the harness has no reader \(table)")
    }
    guard let name = ProcessInfo.processInfo.environment["FUZZ"], !name.isEmpty else { return nil }
    guard let reader = Reader(rawValue: name) else {
      fatalError("FUZZ=\(name): expected one of \(allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return reader
  }()
}

/// The first byte of an input picks the reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let reader = Reader.only ?? Reader.allCases[Int(first) % Reader.allCases.count]
  reader.read(input.dropFirst())
  return 0
}
