import Wire

extension IPVSTable.Form {
  /// Whose list it is; `nil` for IPVS's own texts.
  public var balancer: IPVSTable.Balancer? {
    switch self {
    case .ciliumMaps, .ciliumServices: .cilium
    case .katran: .katran
    case .loxilb: .loxilb
    case .nftlb: .nftlb
    case .listing, .rules, .connections, .kernel, .kernelConnections, .keepalived: nil
    }
  }
}

extension IPVSTable {
  /// Reads the list of another balancer than IPVS, told by its content; `nil` for any other text.
  static func balancerList(_ text: String) throws(TableError) -> IPVSTable? {
    if isJSON(text) { return try jsonList(text) }
    // The beginning tells: `vips len 2` or a heading.
    let beginning = PastedText(String(text.prefix(4096))).parts.flatMap(\.lines)
    guard let read = beginning.lazy.compactMap({ reader(beginning: $0) }).first else { return nil }
    let parts = PastedText(text).parts
    let lines = parts.flatMap(\.lines)
    var table = try read(lines)
    // What stands without its heading somebody picked out.
    let hasHeading = lines.contains {
      reader(beginning: $0) != nil && !CiliumMaps.isEntry($0) && !CiliumServices.isEntry($0)
    }
    if !hasHeading || parts.contains(where: { !$0.gaps.isEmpty || $0.isPickedOut }) { table.markPart() }
    return table
  }

  private typealias Reader = ([TextLine]) throws(TableError) -> IPVSTable

  private static func reader(beginning line: TextLine) -> Reader? {
    if KatranList.begins(at: line) { return { lines throws(TableError) in try KatranList.table(lines) } }
    if LoxiLBTable.isHeading(line) { return { lines throws(TableError) in try LoxiLBTable.table(lines) } }
    if CiliumMaps.isHeading(line) || CiliumMaps.isEntry(line) {
      return { lines throws(TableError) in try CiliumMaps.table(lines) }
    }
    if CiliumServices.isHeading(line) || CiliumServices.isEntry(line) {
      return { lines throws(TableError) in try CiliumServices.table(lines) }
    }
    return nil
  }

  /// A prompt may begin with a bracket as well: `[root@lb1 ~]#`.
  private static func isJSON(_ text: String) -> Bool {
    let signs = text.lazy.filter { !$0.isWhitespace && $0 != "\u{feff}" }.prefix(2)
    return signs.first == "{" || signs.elementsEqual(["[", "{"])
  }

  private static func jsonList(_ text: String) throws(TableError) -> IPVSTable {
    let documents = try DocumentNode.all(of: text)
    for document in documents {
      if let table = try LoxiLBList.table(document) { return table }
      if let table = try NFTLBFarms.table(document) { return table }
    }
    throw TableError(
      line: documents.first?.line ?? 0,
      expected: "loxilb's rules (loxicmd get lb -o json, with lbAttr) or nftlb's configuration (with farms)",
      found: documents.first?.entries.first.map { "an object with \($0.key)" } ?? "other JSON")
  }

  /// Services that a form of one line lists under several ports.
  static func services(
    _ transports: [Transport], _ address: IPAddress, ports: [UInt16], line: Int,
    _ destinations: (UInt16) -> [Destination]
  ) -> [Service] {
    transports.flatMap { transport in
      ports.map { port in
        var service = Service(name: .endpoint(transport, Endpoint(address: address, port: port)), line: line)
        service.destinations = destinations(port)
        return service
      }
    }
  }

  /// More ports than these in one range are not listed one by one.
  static let portLimit = 256
}

extension IPVSTable.Transport {
  /// `tcp`, `TCP`; both for a word that stands for every protocol, and none for another one.
  static func all(named word: some StringProtocol) -> [IPVSTable.Transport] {
    switch word.lowercased() {
    case "any", "all", "none", "": [.tcp, .udp]
    case let name: IPVSTable.Transport(rawValue: name).map { [$0] } ?? []
    }
  }
}
