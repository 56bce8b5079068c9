public import Wire

extension IPVSTable {
  /// The table as ipvsadm prints it, with other addresses, and nothing else of the text it was read from. `nil` where that would
  /// not say all that the text says: of a part, of marks, whose meaning stands elsewhere, of counters, and of other forms.
  public func printed(_ changed: (IPAddress) -> IPAddress) -> String? {
    guard form == .listing || form == .rules, listsAllServices, services.allSatisfy(\.listsAllDestinations) else {
      return nil
    }
    var lines: [String] = []
    let hasTunnels = services.contains { $0.destinations.contains { $0.tunnel != nil } }
    if form == .listing {
      let tunnel = hasTunnels ? "TunnelInfo " : ""
      lines = [
        "IP Virtual Server version 1.2.1 (size=4096)", "Prot LocalAddress:Port Scheduler Flags",
        "  -> RemoteAddress:Port           Forward \(tunnel)Weight ActiveConn InActConn",
      ]
    }
    for service in services {
      guard case .endpoint(let transport, let endpoint) = service.name, service.counters == nil,
        let words = service.words(of: form)
      else { return nil }
      let name = Self.text(endpoint, changed)
      let options = [Transport.tcp: "-t", .udp: "-u", .sctp: "--sctp-service"]
      let told = "\(options[transport] ?? "") \(name)"
      lines.append(
        form == .listing ? "\(transport.rawValue.uppercased())  \(name) \(words)" : "-A \(told) \(words)")
      for destination in service.destinations {
        guard destination.counters == nil, let words = destination.words(of: form, hasTunnels: hasTunnels) else {
          return nil
        }
        let end = Self.text(destination.endpoint, changed)
        lines.append(form == .listing ? "  -> \(end) \(words)" : "-a \(told) -r \(end) \(words)")
      }
    }
    let text = lines.joined(separator: "\n") + "\n"
    // What it is read as decides, and not what was meant.
    guard let again = try? IPVSTable(text: text), again.withoutLines == replacing(changed).withoutLines else {
      return nil
    }
    return text
  }

  private static func text(_ endpoint: Endpoint, _ changed: (IPAddress) -> IPAddress) -> String {
    let address = changed(endpoint.address)
    return address.version == .v6 ? "[\(address)]:\(endpoint.port)" : "\(address):\(endpoint.port)"
  }

  private func replacing(_ changed: (IPAddress) -> IPAddress) -> IPVSTable {
    var table = self
    for index in table.services.indices {
      if case .endpoint(let transport, var endpoint) = table.services[index].name {
        endpoint.address = changed(endpoint.address)
        table.services[index].name = .endpoint(transport, endpoint)
      }
      for place in table.services[index].destinations.indices {
        let address = table.services[index].destinations[place].endpoint.address
        table.services[index].destinations[place].endpoint.address = changed(address)
      }
    }
    return table
  }

  private var withoutLines: IPVSTable {
    var table = self
    for index in table.services.indices {
      table.services[index].line = 0
      for place in table.services[index].destinations.indices { table.services[index].destinations[place].line = 0 }
    }
    return table
  }
}

extension IPVSTable.Service {
  fileprivate func words(of form: IPVSTable.Form) -> String? {
    let isListing = form == .listing
    // A word that somebody chose might be a name.
    guard ([scheduler, persistenceEngine].compactMap { $0 } + schedulerFlags).allSatisfy(\.isIPVSWord), let scheduler
    else { return nil }
    var words = [isListing ? scheduler : "-s \(scheduler)"]
    if let persistence {
      guard let seconds = persistence.seconds else { return nil }
      words.append(isListing ? "persistent \(seconds)" : "-p \(seconds)")
      if let length = persistence.prefixLength {
        guard let mask = mask(ofLength: length) else { return nil }
        words.append(isListing ? "mask \(mask)" : "-M \(mask)")
      }
    }
    if let engine = persistenceEngine { words.append(isListing ? "pe \(engine)" : "--pe \(engine)") }
    if isOnePacket { words.append(isListing ? "ops" : "-o") }
    if answersHandshakes { words.append(isListing ? "synproxy" : "--synproxy") }
    if !schedulerFlags.isEmpty {
      let flags = schedulerFlags.joined(separator: ",")
      words.append(isListing ? "(\(flags))" : "-b \(flags)")
    }
    return words.joined(separator: " ")
  }

  private func mask(ofLength length: UInt8) -> String? {
    guard case .endpoint(_, let endpoint) = name else { return nil }
    if endpoint.address.version == .v6 { return "\(length)" }
    guard length <= 32 else { return nil }
    return "\(IPAddress(v4: length == 0 ? 0 : UInt32.max << (32 - UInt32(length))))"
  }
}

extension IPVSTable.Destination {
  fileprivate func words(of form: IPVSTable.Form, hasTunnels: Bool) -> String? {
    var words: [String] = []
    if form == .listing {
      guard let forwarding, forwarding.name.isIPVSWord, let weight, let activeConnections, let inactiveConnections
      else {
        return nil
      }
      words = [forwarding.name]
      if hasTunnels { words.append(tunnel.map { $0.type.rawValue + ($0.port.map { ":\($0)" } ?? "") } ?? "n/a") }
      return (words + ["\(weight)", "\(activeConnections)", "\(inactiveConnections)"]).joined(separator: " ")
    }
    switch forwarding {
    case nil: break
    case .route?: words = ["-g"]
    case .masquerade?: words = ["-m"]
    case .tunnel?: words = ["-i"]
    case .fullNAT?: words = ["-b"]
    default: return nil
    }
    if let weight { words.append("-w \(weight)") }
    if let tunnel {
      words.append("--tun-type \(tunnel.type.rawValue)")
      if let port = tunnel.port { words.append("--tun-port \(port)") }
    }
    return words.joined(separator: " ")
  }
}

extension String {
  /// As `rr`, `wlc`, `mh-port`, `Route`.
  fileprivate var isIPVSWord: Bool {
    !isEmpty && utf8.count <= 16 && utf8.allSatisfy { 0x61...0x7a ~= $0 | 0x20 || $0 == 0x2d || $0 == 0x5f }
  }
}
