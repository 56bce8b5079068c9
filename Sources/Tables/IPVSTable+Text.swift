public import Wire

extension IPVSTable {
  /// Reads a table in any of the forms in which `ipvsadm` and the kernel print it, told by its content; several texts of one
  /// table may stand one after the other. The prompts of several hosts are refused.
  ///
  /// Sources: ipvsadm 1.31 `ipvsadm.c`; iqiyi/dpvs `tools/ipvsadm/ipvsadm.c`; linux `net/netfilter/ipvs/ip_vs_ctl.c` and `ip_vs_conn.c`.
  public init(text: String) throws(TableError) {
    let all = try Self.all(in: text)
    guard all.count == 1 else {
      throw TableError(
        line: 0, expected: "the table of one host",
        found: all[0].host == nil
          ? "a configuration and a table" : "the prompts of \(all.compactMap(\.host).joined(separator: ", "))")
    }
    self = all[0].table
  }

  /// The tables of a pasted text: one, or one for each host whose prompt stands in it; a configuration of keepalived is one by itself.
  public static func all(in text: String) throws(TableError) -> [(host: String?, table: IPVSTable)] {
    try all(in: text) { _, _ in nil }
  }

  /// The same; `files` has what keepalived's configuration includes.
  public static func all(
    in text: String, files: @escaping IncludedTexts
  ) throws(TableError) -> [(host: String?, table: IPVSTable)] {
    if let table = try balancerList(text) { return [(nil, table)] }
    let lines = TextLine.all(of: text)
    var found: [(host: String?, table: IPVSTable)] = []
    var host: String?
    for segment in Segment.all(in: lines) {
      host = segment.host ?? host
      let tables =
        segment.isKeepalived
        ? [(host, try keepalived(pasted: segment.lines, files: files))] : try listings(in: segment.lines, host)
      for (host, table) in tables { add(table, of: host, to: &found) }
    }
    guard !found.isEmpty else {
      throw TableError(
        line: 0, expected: "the text of an IPVS table, as ipvsadm -ln prints it", found: "nothing", isOfNoForm: true)
    }
    // One host's name says no more than the file's.
    return Set(found.compactMap(\.host)).count > 1 ? found : found.map { (nil, $0.table) }
  }

  /// Each host's table by what the commands at its prompts printed, and did.
  private static func listings(
    in lines: [TextLine], _ host: String?
  ) throws(TableError) -> [(host: String?, table: IPVSTable)] {
    var sections: [(host: String?, section: IPVSSection)] = []
    for part in PastedText(lines).parts {
      for section in try IPVSSection.all(of: part) {
        // Each command of a script has a prompt of its own.
        let goesOn =
          sections.last.map { last in
            last.host == part.host ?? host && last.section.kind == section.kind
              && (section.kind == .rules || section.kind == .commands)
          } ?? false
        if goesOn {
          sections[sections.count - 1].section.body += section.body
        } else {
          sections.append((part.host ?? host, section))
        }
      }
    }
    var found: [(host: String?, table: IPVSTable)] = []
    // Where the last list that has all services begins.
    var wholeFrom: [String?: Int] = [:]
    for (host, section) in sections {
      let index = found.firstIndex { $0.host == host }
      if section.kind == .commands {
        // They change what was there before.
        var table = index.map { found[$0].table } ?? IPVSTable(form: .rules)
        try table.run(section.body)
        if let index { found[index].table = table } else { found.append((host, table)) }
      } else {
        let table = try section.table()
        if table.listsAllServices, table.services.contains(where: \.tellsForwarding) {
          wholeFrom[host] = section.firstLine
        }
        add(table, of: host, to: &found)
      }
    }
    for index in found.indices { found[index].table.keepLatest(from: wholeFrom[found[index].host] ?? 0) }
    return found
  }

  /// What shall hold, and what holds, are two tables.
  private static func add(_ table: IPVSTable, of host: String?, to found: inout [(host: String?, table: IPVSTable)]) {
    let isKeepalived = table.form == .keepalived
    if let index = found.firstIndex(where: { $0.host == host && ($0.table.form == .keepalived) == isKeepalived }) {
      found[index].table.merge(table)
    } else {
      found.append((host, table))
    }
  }

  /// Something was left out, nobody knows where.
  mutating func markPart() {
    listsAllServices = false
    for index in services.indices { services[index].listsAllDestinations = false }
  }

  /// Of services that are listed twice the later holds, and what stands above a whole list holds no more. Counters stay: two of them
  /// tell what came between.
  private mutating func keepLatest(from line: Int) {
    var known: Set<Service.Name> = []
    var kept: [Service] = []
    for service in services.reversed() {
      if service.tellsForwarding {
        guard service.line >= line, !known.contains(service.name) else { continue }
        // Lines that somebody picked out say less than what they are of.
        if service.listsAllDestinations { known.insert(service.name) }
      }
      kept.append(service)
    }
    services = kept.reversed()
  }

  /// Adds what another text of the same table says.
  private mutating func merge(_ other: IPVSTable) {
    if services.isEmpty, form.listsConnections { form = other.form }
    services += other.services
    connections += other.connections
    routers += other.routers
    staticAddresses += other.staticAddresses
    includes += other.includes
    unread += other.unread
    isPartByIncludesAlone =
      (isPartByIncludesAlone || listsAllServices) && (other.isPartByIncludesAlone || other.listsAllServices)
    // A listing that is whole has all that a part of one has.
    listsAllServices =
      form == .keepalived
      ? listsAllServices && other.listsAllServices : listsAllServices || other.listsAllServices
  }
}

extension IPVSTable.Form {
  /// It lists connections, and no services.
  public var listsConnections: Bool { self == .connections || self == .kernelConnections }
}

extension IPVSTable.Service {
  fileprivate var tellsForwarding: Bool {
    destinations.isEmpty ? counters == nil : destinations.contains { $0.forwarding != nil }
  }
}

/// keepalived.conf, or what stands around it in a pasted text.
private struct Segment {
  var host: String?
  var lines: [TextLine] = []
  var isKeepalived = false

  /// A configuration has comments that look like prompts: it ends at a prompt that names a host, or where a table begins. What
  /// stands between configurations counts where it is a table.
  static func all(in lines: [TextLine]) -> [Segment] {
    let told = lines.filter { !$0.isKeepalivedComment }
    guard told.first?.mayBeginKeepalived ?? false || told.contains(where: \.beginsKeepalived) else {
      return [Segment(lines: lines)]
    }
    var segments = [Segment()]
    for line in lines {
      let prompt = host(ofPrompt: line)
      if prompt != nil || line.beginsIPVSTable {
        segments.append(Segment(host: prompt))
      }
      segments[segments.count - 1].lines.append(line)
    }
    for index in segments.indices {
      let told = segments[index].lines.filter { !$0.isKeepalivedComment }
      // The prompt itself is none of its lines.
      let first = told.first { host(ofPrompt: $0) == nil }
      segments[index].isKeepalived = first?.mayBeginKeepalived ?? false || told.contains(where: \.beginsKeepalived)
    }
    return segments.filter { $0.isKeepalived || $0.lines.contains(where: \.beginsIPVSTable) }
  }

  /// `[root@lb1 ~]# …` and `root@lb1:~# …`: a comment behind an address of mail is none.
  private static func host(ofPrompt line: TextLine) -> String? {
    let first = line.words[0]
    guard first.first == "[" || first.contains(":") && first.last.map({ "#$%".contains($0) }) ?? false else {
      return nil
    }
    return PastedText.host(ofPrompt: line)
  }
}

/// The lines of one text of a table.
private struct IPVSSection {
  enum Kind { case listing, rules, commands, connections, kernelConnections, workers }

  var kind: Kind
  /// The heading's lines, as far as they are there.
  var heading: [TextLine] = []
  var body: [TextLine] = []
  /// It begins with the kernel's version, which stands before a whole table alone.
  var isWhole = false
  /// After these lines something was left out.
  var gaps: [Int]

  static func all(of part: PastedText.Part) throws(TableError) -> [IPVSSection] {
    var part = part
    // Behind each line there may have been others.
    if part.isPickedOut { part.gaps = part.lines.flatMap { [$0.number, $0.number + 1] } + [.max - 1] }
    var sections: [IPVSSection] = []
    var prefix: LogPrefix?
    // What a script says: `ipvsadm -A -t 10.1.10.10:80 -s rr`.
    if let command = part.command, command.first == "ipvsadm", let words = IPVSTable.change(command.dropFirst()) {
      let line = TextLine(number: part.commandLine, text: words.joined(separator: " ")[...], words: words)
      sections.append(IPVSSection(kind: .commands, body: [line], gaps: part.gaps))
    }
    for line in part.lines {
      prefix = LogPrefix(line) ?? prefix
      let line = prefix?.without(line) ?? line
      if LogPrefix.isMessage(line) || line.isOfSettings { continue }
      if let begun = beginning(line, sections.last, part.gaps) {
        sections.append(begun)
      } else if sections.last?.takesHeading(line) ?? false {
        sections[sections.count - 1].heading.append(line)
      } else if let last = sections.indices.last,
        !sections[last].heading.isEmpty || sections[last].kind == kind(of: line) ?? sections[last].kind
      {
        sections[last].body.append(line)
      } else if let kind = kind(of: line) {
        sections.append(IPVSSection(kind: kind, body: [line], gaps: part.gaps))
      } else if sections.isEmpty, let command = part.command?.first, !["ipvsadm", "cat"].contains(command) {
        // Somebody asked for something else there.
        continue
      } else {
        throw TableError(
          line: line.number,
          expected:
            "the text of an IPVS table: ipvsadm -ln, -Sn or -lnc, /proc/net/ip_vs or /proc/net/ip_vs_conn; or the list "
            + "of Cilium, Katran, loxilb or nftlb",
          found: String(line.text), isOfNoForm: true)
      }
    }
    return sections
  }

  var firstLine: Int { (heading.first ?? body.first)?.number ?? 0 }

  /// A section that begins with this line of heading.
  private static func beginning(_ line: TextLine, _ last: IPVSSection?, _ gaps: [Int]) -> IPVSSection? {
    let (first, second) = (line.words[0], line.words.dropFirst().first ?? "")
    if line.text.trimmedStart.hasPrefix("IP Virtual Server version") {
      return IPVSSection(kind: .listing, heading: [line], isWhole: true, gaps: gaps)
    }
    if first == "IPVS", second == "connection" { return IPVSSection(kind: .connections, heading: [line], gaps: gaps) }
    if first == "Pro", second == "FromIP" { return IPVSSection(kind: .kernelConnections, heading: [line], gaps: gaps) }
    if first.lowercased() == "pro", second == "expire" {
      if let last, last.kind == .connections, last.body.isEmpty, last.heading.count == 1 { return nil }
      return IPVSSection(kind: .connections, heading: [line], gaps: gaps)
    }
    // `ipvsadm -ln -t` has no version, and cut texts have the second line of the heading alone.
    guard line.isListingsHeading, !(last?.takesHeading(line) ?? false) else { return nil }
    return IPVSSection(kind: .listing, heading: [line], gaps: gaps)
  }

  private func takesHeading(_ line: TextLine) -> Bool {
    guard body.isEmpty else { return false }
    switch kind {
    case .listing: return line.isListingsHeading && heading.count < 3
    case .connections: return heading.count == 1 && line.words[0].lowercased() == "pro"
    default: return false
    }
  }

  /// What a line without a heading belongs to.
  private static func kind(of line: TextLine) -> Kind? {
    let first = line.words[0]
    if IPVSTable.workerProtocol(first) != nil { return .workers }
    if first == "-A" || first == "-a" { return .rules }
    if first == "->" || first == "FWM" || first == "MATCH" { return .listing }
    guard ["TCP", "UDP", "SCTP", "IP"].contains(first), let second = line.words.dropFirst().first else { return nil }
    if !second.contains(":") || IPAddress(String(second)) != nil { return .kernelConnections }
    return second.wholeMatch(of: /[0-9]+:[0-9]{2}/) != nil ? .connections : .listing
  }

  func table() throws(TableError) -> IPVSTable {
    switch kind {
    case .listing:
      return try IPVSTable.listing(heading: heading, body: body, isWhole: isWhole, gaps: gaps)
    case .rules, .commands:
      var table = try IPVSTable.rules(body, isWhole: gaps.isEmpty)
      if !gaps.isEmpty { table.markPart() }
      return table
    case .connections: return try IPVSTable.connectionListing(body)
    case .kernelConnections: return try IPVSTable.kernelConnections(body)
    case .workers: return try IPVSTable.workerConnections(body)
    }
  }
}

extension TextLine {
  /// What `ipvsadm -l --timeout` and `--daemon` print: `Timeout (tcp tcpfin udp): 900 120 300`, `master sync daemon (mcast=eth0, syncid=1)`.
  fileprivate var isOfSettings: Bool {
    words.starts(with: ["Timeout", "(tcp"]) || words.count > 2 && words[1] == "sync" && words[2] == "daemon"
  }

  fileprivate var beginsIPVSTable: Bool { text.trimmedStart.hasPrefix("IP Virtual Server version") }

  /// `Prot LocalAddress:Port Scheduler Flags` or `-> RemoteAddress:Port Forward Weight …`.
  fileprivate var isListingsHeading: Bool {
    words[0] == "Prot" || words[0] == "->" && words.dropFirst().first == "RemoteAddress:Port"
  }
}

extension Substring {
  fileprivate var trimmedStart: Substring { drop(while: \.isWhitespace) }
}

/// What a log puts before each line: `I1126 10:00:00.123456       1 proxier.go:100] `.
private struct LogPrefix {
  private let shape: String
  private let count: Int

  /// Of the line with which a table begins in a log.
  init?(_ line: TextLine) {
    guard let heading = line.text.firstRange(of: "IP Virtual Server version") else { return nil }
    let before = line.text[..<heading.lowerBound]
    guard before.contains(where: { !$0.isWhitespace }) else { return nil }
    (shape, count) = (Self.shape(before), before.count)
  }

  private static func shape(_ text: Substring) -> String {
    String(text.map { $0.isASCII && $0.isNumber ? "0" : $0 })
  }

  /// Lines of the same message may have no prefix.
  func without(_ line: TextLine) -> TextLine {
    guard Self.shape(line.text.prefix(count)) == shape else { return line }
    let rest = line.text.dropFirst(count)
    let words = rest.split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? line : TextLine(number: line.number, text: rest, words: words)
  }

  /// Another message of the log.
  static func isMessage(_ line: TextLine) -> Bool {
    line.words.count > 2 && line.words[0].wholeMatch(of: /[IWEF][0-9]{4}/) != nil && line.words[1].contains(":")
  }
}

extension IPVSTable {
  /// The version of the addresses that a service is for; `nil` where the text does not tell.
  public func version(of service: Service) -> IPAddress.Version? {
    switch service.name {
    case .endpoint(_, let endpoint): endpoint.address.version
    case .firewallMark(_, let isIPv6): isIPv6 ? .v6 : form == .kernel ? nil : .v4
    }
  }
}
