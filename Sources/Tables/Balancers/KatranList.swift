import Wire

/// What Katran's client prints of its VIPs: `VIP: 10.1.10.10 Port: 80 Protocol: tcp`, then the real servers, `->10.1.10.21
/// weight: 1 flags:`. Katran sends every request in a tunnel, at the VIP's port.
///
/// Source: facebookincubator/katran `example_grpc/goclient/src/katranc/katranc/katranc.go` (`ListVipAndReals`).
enum KatranList {
  static func begins(at line: TextLine) -> Bool {
    fields(line) != nil || line.words.count >= 3 && line.words.suffix(3).starts(with: ["vips", "len"])
  }

  static func table(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .katran)
    var expected: Int?
    for line in lines {
      if let (address, port, protocolName) = fields(line) {
        guard let address = IPAddress(String(address)), let port = UInt16(port),
          let transport = IPVSTable.Transport(rawValue: String(protocolName))
        else { throw line.fault("a VIP of Katran's: VIP: 10.1.10.10 Port: 80 Protocol: tcp") }
        table.services.append(
          IPVSTable.Service(
            name: .endpoint(transport, IPVSTable.Endpoint(address: address, port: port)), line: line.number))
      } else if let arrow = line.words.firstIndex(where: { $0.hasPrefix("->") }) {
        guard let index = table.services.indices.last else { throw line.fault("a VIP before its real servers") }
        table.services[index].destinations.append(
          try real(line, Array(line.words[arrow...]), of: table.services[index].name))
      } else if let count = line.words.last.flatMap({ Int($0) }), begins(at: line) {
        expected = count
      }
    }
    if let expected, table.services.count != expected { table.markPart() }
    return table
  }

  /// What stands behind `VIP:`, `Port:` and `Protocol:`, also where a log's prefix stands before.
  private static func fields(_ line: TextLine) -> (address: Substring, port: Substring, protocolName: Substring)? {
    guard let start = line.words.firstIndex(of: "VIP:"), line.words.count >= start + 6,
      line.words[start + 2] == "Port:", line.words[start + 4] == "Protocol:"
    else { return nil }
    // The client in C++ has a comma behind the port.
    return (line.words[start + 1], line.words[start + 3].prefix { $0 != "," }, line.words[start + 5])
  }

  private static func real(
    _ line: TextLine, _ words: [Substring], of name: IPVSTable.Service.Name
  ) throws(TableError) -> IPVSTable.Destination {
    // The arrow may touch the address.
    let words = words[0] == "->" ? Array(words.dropFirst()) : [words[0].dropFirst(2)] + words.dropFirst()
    guard let address = words.first.flatMap({ IPAddress(String($0)) }), case .endpoint(_, let virtual) = name else {
      throw line.fault("a real server's address, as ->10.1.10.21")
    }
    var destination = IPVSTable.Destination(
      endpoint: IPVSTable.Endpoint(address: address, port: virtual.port), line: line.number)
    destination.forwarding = .tunnel
    destination.method = "a tunnel"
    if let label = words.firstIndex(where: { $0.hasPrefix("weight") }), label + 1 < words.count {
      destination.weight = Int(words[label + 1])
    }
    return destination
  }
}
