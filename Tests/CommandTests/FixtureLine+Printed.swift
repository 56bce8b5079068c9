import Checks
import Evidence
import Foundation
import TestSupport

@testable import dsrproof

extension FixtureLine {
  /// Captures of which text keeps all that decides, so that a reader which reads nothing does not hold.
  static let toldByText = [
    "seed.pcap", "traps/client-tcp-v4-good.pcap", "traps/client-tcp-v4-bad.pcap", "traps/client-tcp-v6-bad.pcap",
    "lab/route/switch.pcap", "lab/masq/switch.pcap", "lab/tunnel-vxlan/switch.pcap", "lab/tunnel-ipip/be1.pcap",
    "lab/split-brain-vmac/client.pcap",
  ]

  /// The first line of the capture that is decided by frames alone; `nil` where none is.
  static func decided(_ path: String) -> FixtureLine? {
    all.first { $0.path == path && !$0.arguments.contains("--host") && $0.verdict != "inconclusive" }
  }

  /// The verdict on what `text` makes of its captures, by their paths; `nil` where it makes nothing of one.
  func verdict(onText text: (String) throws -> Data?) throws -> Verdict? {
    let folder = try TemporaryFolder()
    var command = try command
    for (index, argument) in command.input.captures.enumerated() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let path = parts.last ?? argument
      guard let data = try text(path) else { return nil }
      let file = try folder.file("\(index)-\(URL(filePath: path).lastPathComponent).txt", data).path
      command.input.captures[index] = (parts.count > 1 ? "\(parts[0])=" : "") + file
    }
    return try command.verdictOnFiles()
  }
}

extension VerifyCommand {
  /// `nil` where one of them cannot be read.
  func verdictOnFiles() throws -> Verdict? {
    var command = self
    var policy = command.known.policy(for: command.input.vip)
    command.input.vip = policy.services
    try command.tables.meaning.add(to: &policy)
    guard let files = try? gatherFiles(command.input) else { return nil }
    return judge(
      Evidence.united(try files.parts(for: policy.services)), beside: try command.tables.read(), under: policy)
  }
}
