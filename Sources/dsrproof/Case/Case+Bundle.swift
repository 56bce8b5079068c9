import Checks
import Evidence
import EvidenceFile
import Report
import Wire

extension Case {
  /// The paths of its files.
  var paths: [String] { folder.entries.map { folder.place(of: $0.path) } }

  /// Packs the files as they are, and the reports of the verdict.
  func pack(into bundle: CaseBundle, _ verdict: Verdict) throws(Failure) {
    for entry in folder.entries where entry.kind == .regular {
      try bundle.add(fileAt: folder.place(of: entry.path), as: "case/\(entry.path)")
    }
    try Self.pack(verdict, into: bundle)
    try bundle.finish()
  }

  /// Packs what the captures say with other addresses, and the reports of that alone. Names of files and places may tell
  /// addresses, so numbers stand for them.
  func pack(
    into bundle: CaseBundle, anonymised captures: [GatheredFile], by anonymiser: Anonymiser, _ policy: Policy
  ) throws {
    var changing: Anonymiser? = anonymiser
    var parts: [CapturePart] = []
    for file in captures {
      for part in try file.changedParts(&changing) { parts.append(part) }
    }
    var places: [String: String] = [:]
    for index in parts.indices {
      parts[index].rename("capture-\(index + 1)")
      guard let name = parts[index].name else { continue }
      let place = places[name] ?? "place-\(places.count + 1)"
      places[name] = place
      parts[index].name = place
    }
    let file = EvidenceFile(try parts.map { try KeptCapture($0) })
    try bundle.add(file.bytes, as: "case/captures.evidence")
    let packed = Set(folder.entries.filter { $0.kind == .regular }.map(\.path))
    let left = files.filter { packed.contains($0.path) && ![.capture, .packetText, .evidence].contains($0.use) }
    for file in left { complain("left out of the bundle, for its addresses cannot be changed: \(file.path)") }
    let words = "Left out, for their addresses cannot be changed: \(left.isEmpty ? "nothing" : counted(left)).\n"
    try bundle.add(Array(words.utf8), as: "case/left-out.txt")
    let evidence = Evidence.united(try file.captures.map { try $0.part })
    var verdict = judge(evidence, under: changing?.changed(policy) ?? Policy())
    // Their names are nobody's business there, but for that they are missing.
    if files.contains(where: \.mayMatter) {
      verdict.take([CaseFile(path: "a file", use: .leftOut, reason: "its name is not told", mayMatter: true)])
      verdict.caseFiles = []
    }
    try Self.pack(verdict, into: bundle)
    try bundle.finish()
  }

  private func counted(_ files: [CaseFile]) -> String {
    let counts = Dictionary(grouping: files, by: \.use).mapValues(\.count)
    return CaseFile.Use.allCases.compactMap { use in counts[use].map { "\($0) of \(use.words)" } }.joined(
      separator: ", ")
  }

  /// Without what differs from run to run.
  private static func pack(_ verdict: Verdict, into bundle: CaseBundle) throws(Failure) {
    try bundle.add(Array(verdict.textReport(color: false).utf8), as: "report.txt")
    try bundle.add(Array(verdict.jsonReport().utf8), as: "report.json")
    try bundle.add(Array(verdict.htmlReport().utf8), as: "report.html")
  }
}

extension Anonymiser {
  /// What the user asks for, of the addresses that stand there afterwards. Names, reasons and what tables need are left out.
  fileprivate mutating func changed(_ policy: Policy) -> Policy {
    var changed = Policy()
    changed.services = policy.services.map { service in
      var other = service
      other.address = self.changed(service.address)
      return other
    }
    changed.balancerMACs = Set(policy.balancerMACs.map { self.changed($0) })
    changed.backends = policy.backends.map { backend in
      var other = backend
      other.address = self.changed(backend.address)
      other.mac = backend.mac.map { self.changed($0) }
      return other
    }
    changed.vantage = policy.vantage
    changed.minimumFlows = policy.minimumFlows
    changed.minimumProof = policy.minimumProof
    changed.maximumDrops = policy.maximumDrops
    changed.maximumBackground = policy.maximumBackground
    changed.severities = policy.severities
    return changed
  }
}
