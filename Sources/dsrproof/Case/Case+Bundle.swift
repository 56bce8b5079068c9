import Checks
import Evidence
import EvidenceFile
import Report
import Tables
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

  /// Packs what the captures and IPVS tables say with other addresses, and the reports of that alone. Names of files and places
  /// may tell addresses, so numbers stand for them.
  func pack(
    into bundle: CaseBundle, anonymised captures: [GatheredFile], beside tables: Tables, by anonymiser: Anonymiser,
    _ policy: Policy, _ whole: Verdict
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
    var anonymiser = changing ?? anonymiser
    let policy = anonymiser.changed(policy)
    let evidence = Evidence.united(try file.captures.map { try $0.part })
    let alone = judge(evidence, under: policy)
    var kept = printed(tables.ipvs, by: &anonymiser)
    var verdict = kept.isEmpty ? alone : judge(evidence, beside: Tables(kept.map(\.table)), under: policy)
    // It may be a table that means something else beside what is left out.
    if verdict.outcome == .fail, whole.outcome != .fail { (verdict, kept) = (alone, []) }
    for table in kept { try bundle.add(Array(table.text.utf8), as: "case/\(table.table.path)") }
    let taken = Set(kept.map(\.source))
    let packed = Set(folder.entries.filter { $0.kind == .regular }.map(\.path))
    let left = files.filter { file in
      packed.contains(file.path) && ![.capture, .packetText, .evidence].contains(file.use)
        && !taken.contains(folder.place(of: file.path))
    }
    for file in left { complain("left out of the bundle, for its addresses cannot be changed: \(file.path)") }
    try bundle.add(Array(leftOut(left, beside: kept.count).utf8), as: "case/left-out.txt")
    // Their names are nobody's business there, but for that they are missing.
    if files.contains(where: \.mayMatter) {
      verdict.take([CaseFile(path: "a file", use: .leftOut, reason: "its name is not told", mayMatter: true)])
      verdict.caseFiles = []
    }
    let passing = whole.services.compactMap { $0.outcome == .pass ? anonymiser.changed($0.service) : nil }
    verdict.passOnly(
      Set(passing),
      because: "with what was left out of this bundle, for its addresses cannot be changed, it does not pass")
    try Self.pack(verdict, into: bundle)
    try bundle.finish()
  }

  private struct PrintedTable {
    /// Where it was read.
    var source: String
    var text: String
    var table: TableFile<IPVSTable>
  }

  /// Those that belong to no host: the host's other files are left out, and may say what its table means.
  private func printed(_ tables: [TableFile<IPVSTable>], by anonymiser: inout Anonymiser) -> [PrintedTable] {
    let own = Set(files.filter { $0.use == .ipvs && $0.host == nil }.map { folder.place(of: $0.path) })
    var found: [PrintedTable] = []
    for file in tables where own.contains(file.path) && file.host == nil {
      var addresses: [IPAddress: IPAddress] = [:]
      for address in file.table.addresses { addresses[address] = anonymiser.changed(address) }
      guard let text = file.table.printed({ addresses[$0] ?? $0 }), let table = try? IPVSTable(text: text) else {
        continue
      }
      let path = "table-\(found.count + 1).ipvs"
      found.append(PrintedTable(source: file.path, text: text, table: TableFile(path: path, table: table)))
    }
    return found
  }

  private func leftOut(_ left: [CaseFile], beside kept: Int) -> String {
    let reason = """
      Names in them, and what stands in their comments, may tell who you are, and dsrproof changes no more than addresses.
      What they say is not in the reports: nothing passes there that does not pass with them.

      """
    let tables = kept == 0 ? "" : "Written anew, with other addresses: \(kept) of \(CaseFile.Use.ipvs.words).\n"
    return tables + "Left out, for their addresses cannot be changed: \(left.isEmpty ? "nothing" : counted(left)).\n"
      + (left.isEmpty ? "" : reason)
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

extension Tables {
  fileprivate init(_ ipvs: [TableFile<IPVSTable>]) {
    self.init()
    self.ipvs = ipvs
  }
}

extension IPVSTable {
  fileprivate var addresses: Set<IPAddress> {
    var found: Set<IPAddress> = []
    for service in services {
      if case .endpoint(_, let endpoint) = service.name { found.insert(endpoint.address) }
      found.formUnion(service.destinations.map(\.endpoint.address))
    }
    return found
  }
}

extension Anonymiser {
  fileprivate mutating func changed(_ service: ServicePattern) -> ServicePattern {
    var other = service
    other.address = changed(service.address)
    return other
  }

  /// What the user asks for, of the addresses that stand there afterwards. Names, reasons and what tables need are left out.
  fileprivate mutating func changed(_ policy: Policy) -> Policy {
    var changed = Policy()
    changed.services = policy.services.map { self.changed($0) }
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
