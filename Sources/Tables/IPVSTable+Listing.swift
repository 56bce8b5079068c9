import Wire

extension IPVSTable {
  /// What stands behind a destination's address.
  private enum Columns {
    /// `Forward Weight ActiveConn InActConn`, perhaps with the tunnel's type.
    case forwarding(hasTunnel: Bool)
    /// `--stats` or `--rate`.
    case counters(isRate: Bool)
    /// `--thresholds`, or `--persistent-conn`, which has the weight.
    case limits(hasWeight: Bool)

    init?(_ headers: [Substring]) {
      if headers.contains("Forward") {
        self = .forwarding(hasTunnel: headers.contains("TunnelInfo"))
      } else if headers.contains("Conns") || headers.contains("CPS") {
        self = .counters(isRate: headers.contains("CPS"))
      } else if headers.contains("Uthreshold") || headers.contains("PersistConn") {
        self = .limits(hasWeight: headers.contains("PersistConn"))
      } else {
        return nil
      }
    }

    /// Of a text without a heading: methods of forwarding are words, and all other columns are numbers.
    init?(ofDestinationIn lines: [TextLine]) {
      guard let line = lines.first(where: { $0.words[0] == "->" }), line.words.count > 2,
        line.words[2].first?.isLetter ?? false
      else { return nil }
      self = .forwarding(hasTunnel: line.words.count > 6)
    }
  }

  /// `ipvsadm -ln` and `/proc/net/ip_vs`: lines of heading, then a line a service, followed by its destinations. Without a
  /// heading what stands behind addresses has to tell the columns.
  static func listing(
    heading: [TextLine], body: [TextLine], isWhole: Bool, gaps: [Int]
  ) throws(TableError) -> IPVSTable {
    guard let first = heading.first ?? body.first else {
      throw TableError(line: 0, expected: "a table", found: "nothing")
    }
    let headers = heading.flatMap(\.words)
    guard let columns = headers.isEmpty ? Columns(ofDestinationIn: body) : Columns(headers) else {
      throw (heading.last ?? first).fault("the heading lines of ipvsadm -ln or /proc/net/ip_vs")
    }
    var table = IPVSTable(form: isKernels(heading.last, body) ? .kernel : .listing)
    table.listsAllServices = isWhole && gaps.isEmpty
    var isOther = false
    for line in body {
      if line.words[0] == "->" {
        // Those of a service that is none.
        if isOther { continue }
        guard !table.services.isEmpty else { throw line.fault("a service before its destinations") }
        let destination = try destination(line, columns, isKernels: table.form == .kernel)
        table.services[table.services.count - 1].destinations.append(destination)
      } else {
        // DPVS's rules for what leaves, which no VIP is in: `MATCH tcp,from=172.16.0.0-172.16.255.254:0-0,oif=dpdk1 rr`.
        isOther = line.words[0] == "MATCH"
        if !isOther { table.services.append(try service(line, columns, isKernels: table.form == .kernel)) }
      }
    }
    // What was left out may belong to the service before it; where no heading stands, the end may be missing too.
    for (index, service) in table.services.enumerated() {
      let next = index + 1 < table.services.count ? table.services[index + 1].line : .max
      // So may those of a service in lines that somebody picked out.
      let isCut =
        gaps.contains { service.line < $0 && $0 <= next }
        || heading.isEmpty && (next == .max || service.destinations.isEmpty)
      table.services[index].listsAllDestinations = !isCut
    }
    return table
  }

  /// The kernel does not pad the columns of its heading. Spaces get lost where text is copied, but its addresses are
  /// hexadecimal: without dots, and for IPv6 of full length.
  private static func isKernels(_ heading: TextLine?, _ body: [TextLine]) -> Bool {
    if let heading, !heading.text.contains("RemoteAddress:Port Forward") { return false }
    return body.allSatisfy { line in
      guard line.words.count > 1, line.words[0] != "FWM" else { return true }
      let name = line.words[1]
      return name.first == "[" ? name.utf8.count == "[]:".utf8.count + 39 + 4 : !name.contains(".")
    }
  }

  private static func service(
    _ line: TextLine, _ columns: Columns, isKernels: Bool
  ) throws(TableError) -> Service {
    var words = WordReader(line)
    let keyword = try words.next("TCP, UDP, SCTP or FWM")
    var service: Service
    if keyword == "FWM" {
      let mark = try isKernels ? words.number("a firewall mark", radix: 16) : IPVSTable.mark(&words)
      let isIPv6 = words.peeked == "IPv6"
      if isIPv6 { _ = words.next() }
      service = Service(name: .firewallMark(mark, isIPv6: isIPv6), line: line.number)
    } else {
      guard let transport = Transport(rawValue: keyword.lowercased()) else {
        throw line.fault("TCP, UDP, SCTP or FWM", keyword)
      }
      let word = try words.next("the service's address and port")
      let endpoint = try isKernels ? Endpoint(kernel: word, in: line) : Endpoint(word, in: line)
      service = Service(name: .endpoint(transport, endpoint), line: line.number)
    }
    if case .counters(let isRate) = columns {
      service.counters = try counters(&words, isRate: isRate)
    } else {
      service.scheduler = String(try words.next("a scheduler"))
      try readFlags(&words, of: &service, isKernels: isKernels)
    }
    return service
  }

  private static func readFlags(
    _ words: inout WordReader, of service: inout Service, isKernels: Bool
  ) throws(TableError) {
    while let word = words.next() {
      switch word {
      case "persistent":
        let time: UInt32 = try words.number("how long clients persist")
        service.persistence = Persistence(seconds: isKernels ? nil : time)
        if isKernels {
          let mask: UInt32 = try words.number("the mask of persistence", radix: 16)
          service.persistence?.prefixLength = prefixLength(kernelMask: mask, of: service.name)
        }
      case "mask":
        let mask = try words.next("the mask of persistence")
        guard let length = prefixLength(mask) else { throw words.line.fault("a mask as 255.255.255.0 or 64", mask) }
        service.persistence?.prefixLength = length
      case "pe": service.persistenceEngine = String(try words.next("a persistence engine"))
      case "ops": service.isOnePacket = true
      // DPVS: tools/ipvsadm/ipvsadm.c, print_service_entry.
      case "synproxy": service.answersHandshakes = true
      case "conn_timeout": _ = try words.next("the seconds of conn_timeout")
      case "sip", "qid": service.schedulerFlags.append(String(word))
      case _ where word.first == "(" && word.last == ")":
        service.schedulerFlags += word.dropFirst().dropLast().split(separator: ",").map(String.init)
      // Of balancers that are built on IPVS there are more, and more come: they are shown as they stand.
      default: service.schedulerFlags.append(String(word))
      }
    }
  }

  /// ipvsadm prints marks of 2^31 and above as negative numbers: the same 32 bits.
  static func mark(_ words: inout WordReader) throws(TableError) -> UInt32 {
    let word = try words.next("a firewall mark")
    if let mark = UInt32(word) { return mark }
    guard let mark = Int32(word) else { throw words.line.fault("a firewall mark", word) }
    return UInt32(bitPattern: mark)
  }

  /// `255.255.255.0`, or the number of bits for IPv6.
  static func prefixLength(_ mask: Substring) -> UInt8? {
    if let length = UInt8(mask) { return length <= 128 ? length : nil }
    return IPAddress(String(mask)).flatMap {
      $0.version == .v4 ? prefixLength(UInt32(truncatingIfNeeded: $0.low)) : nil
    }
  }

  private static func prefixLength(_ mask: UInt32) -> UInt8? {
    let length = (~mask).leadingZeroBitCount
    return mask.nonzeroBitCount == length ? UInt8(length) : nil
  }

  /// A mask, or for IPv6 the number of bits with its octets turned round, for the kernel prints both alike. `nil` for the
  /// whole address.
  private static func prefixLength(kernelMask mask: UInt32, of name: Service.Name) -> UInt8? {
    let isIPv6 =
      switch name {
      case .endpoint(_, let endpoint): endpoint.address.version == .v6
      // The kernel does not tell. No mask of IPv4 has the bits of so few octets turned round, but for the shortest.
      case .firewallMark: mask.byteSwapped <= 128 && mask != 0x8000_0000
      }
    guard isIPv6 else { return mask == .max ? nil : prefixLength(mask) }
    return mask.byteSwapped < 128 ? UInt8(mask.byteSwapped) : nil
  }

  private static func destination(
    _ line: TextLine, _ columns: Columns, isKernels: Bool
  ) throws(TableError) -> Destination {
    var words = WordReader(line, droppingFirst: 1)
    let word = try words.next("the destination's address and port")
    var destination = Destination(
      endpoint: try isKernels ? Endpoint(kernel: word, in: line) : Endpoint(word, in: line), line: line.number)
    switch columns {
    case .forwarding(let hasTunnel):
      destination.forwarding = Forwarding(name: String(try words.next("Route, Tunnel, Masq or Local")))
      if hasTunnel { destination.tunnel = try tunnel(words.next("the tunnel's type"), in: line) }
      destination.weight = try words.number("a weight")
      destination.activeConnections = try words.number("the number of active connections")
      destination.inactiveConnections = try words.number("the number of inactive connections")
    case .counters(let isRate):
      destination.counters = try counters(&words, isRate: isRate)
    case .limits(let hasWeight):
      if hasWeight { destination.weight = try words.number("a weight") } else { _ = try words.next("the upper limit") }
      _ = try words.next(hasWeight ? "the number of persistent connections" : "the lower limit")
      destination.activeConnections = try words.number("the number of active connections")
      destination.inactiveConnections = try words.number("the number of inactive connections")
    }
    return destination
  }

  /// `n/a`, `ipip`, `gue:6080:r+c` or `gre:+c`.
  private static func tunnel(_ word: Substring, in line: TextLine) throws(TableError) -> Tunnel? {
    if word == "n/a" { return nil }
    let parts = word.split(separator: ":")
    guard let type = parts.first.flatMap({ TunnelType(rawValue: String($0)) }) else {
      throw line.fault("n/a, ipip, gue or gre", word)
    }
    return Tunnel(type: type, port: type == .gue ? parts.dropFirst().first.flatMap { UInt16($0) } : nil)
  }

  private static func counters(_ words: inout WordReader, isRate: Bool) throws(TableError) -> Counters {
    Counters(
      isRate: isRate, connections: try counter(&words), packetsIn: try counter(&words), packetsOut: try counter(&words),
      bytesIn: try counter(&words), bytesOut: try counter(&words))
  }

  /// A number, which ipvsadm rounds to thousands, millions, and so on from eight digits: `12345K`.
  private static func counter(_ words: inout WordReader) throws(TableError) -> UInt64 {
    let word = try words.next("five counters")
    let units: [Character: UInt64] = ["K": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000]
    let unit = word.last.flatMap { units[$0] }
    guard let number = UInt64(unit == nil ? word : word.dropLast()) else {
      throw words.line.fault("a counter, as 1234 or 1234K", word)
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? .max : product
  }
}
