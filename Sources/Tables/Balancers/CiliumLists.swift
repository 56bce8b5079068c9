import Wire

/// What `cilium-dbg bpf lb list` prints: a service, then its backends below each other; or the service and its slot in each line.
/// Cilium returns directly by its own configuration, which no list tells; `dsr` among the flags of a service says so for that one.
///
/// Sources: cilium/cilium `cilium-dbg/cmd/bpf_lb_list.go`, `pkg/loadbalancer/loadbalancer.go` (`ServiceFlags.String`).
enum CiliumMaps {
  static func isHeading(_ line: TextLine) -> Bool {
    line.words.starts(with: ["SERVICE", "ADDRESS", "BACKEND", "ADDRESS"])
  }

  /// A line of its own, as `grep` leaves it: `10.1.10.10:80/TCP (1) 10.244.1.9:80/TCP (21) (1)`.
  static func isEntry(_ line: TextLine) -> Bool {
    line.words.count > 3 && line.words[1].hasPrefix("(") && line.words[1].hasSuffix(")")
      && (try? CiliumService.parts(line.words[0], line)) != nil
      && (try? CiliumService.parts(line.words[2], line)) != nil
  }

  static func table(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var services: [CiliumService] = []
    var places: [Substring: Int] = [:]
    var place: Int?
    for line in lines.drop(while: { !isHeading($0) && !isEntry($0) }) where !isHeading(line) {
      var entry = line.words[...]
      if let frontend = frontend(&entry) {
        if places[frontend] == nil {
          places[frontend] = services.count
          services.append(try CiliumService(frontend: frontend, line))
        }
        place = places[frontend]
      }
      guard let place else { throw line.fault("a service's address before its backends") }
      try read(entry, line, into: &services[place])
    }
    var table = IPVSTable(form: .ciliumMaps)
    for service in services { service.add(to: &table) }
    return table
  }

  /// Takes the service's address, with its slot, off a line that has it: `10.1.10.10:80/TCP (0) 0.0.0.0:0 (14) (0) [dsr]`. Entries
  /// below the first one begin with the backend; what stands behind that is in brackets.
  private static func frontend(_ entry: inout ArraySlice<Substring>) -> Substring? {
    guard entry.count > 1, entry[0] != "backend" else { return nil }
    let hasSlot = entry[1].hasPrefix("(")
    if hasSlot, entry.count < 3 || entry[2].hasPrefix("(") || entry[2].hasPrefix("[") { return nil }
    defer { entry.removeFirst(hasSlot ? 2 : 1) }
    return entry[0]
  }

  private static func read(
    _ entry: ArraySlice<Substring>, _ line: TextLine, into service: inout CiliumService
  ) throws(TableError) {
    // `backend 12 not found`
    guard let word = entry.first, word != "backend" else {
      service.listsAll = false
      return
    }
    let (endpoint, _, _) = try CiliumService.parts(word, line)
    guard endpoint.address.isUnspecified, endpoint.port == 0 else {
      service.destinations.append(IPVSTable.Destination(endpoint: endpoint, line: line.number))
      return
    }
    // The service's own entry, with its flags: `[LoadBalancer, Local, dsr]`.
    guard let start = line.text.firstIndex(of: "["), let words = line.text[start...].split(separator: "[").last else {
      return
    }
    let flags = words.prefix { $0 != "]" }.split(separator: ",").map { $0.drop(while: \.isWhitespace) }
    if flags.contains("dsr") { service.isDirect = true }
    // The proxy of the node itself takes its requests.
    if flags.contains("l7-load-balancer") { service.listsAll = false }
  }
}

/// What `cilium-dbg service list` prints: `1  10.1.10.10:80/TCP  LoadBalancer  1 => 10.244.1.9:80/TCP (active)`.
///
/// Source: cilium/cilium `cilium-dbg/cmd/service_list.go`.
enum CiliumServices {
  static func isHeading(_ line: TextLine) -> Bool {
    line.words.starts(with: ["ID", "Frontend", "Service", "Type", "Backend"])
  }

  /// A service's first line, as `grep` leaves it: `21 10.1.10.10:80/TCP LoadBalancer 1 => 10.244.1.9:80/TCP (active)`.
  static func isEntry(_ line: TextLine) -> Bool {
    line.words.count > 5 && UInt32(line.words[0]) != nil && line.words[4] == "=>"
      && (try? CiliumService.parts(line.words[1], line)) != nil
      && (try? CiliumService.parts(line.words[5], line)) != nil
  }

  static func table(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .ciliumServices)
    var service: CiliumService?
    for line in lines.drop(while: { !isHeading($0) && !isEntry($0) }) where !isHeading(line) {
      let words = line.words
      if words.count >= 3, Int(words[0]) != nil, words[1] != "=>" {
        if let service { service.add(to: &table) }
        service = try CiliumService(frontend: words[1], line)
      }
      // A line may hold ranges of sources alone.
      guard let arrow = words.firstIndex(of: "=>") else { continue }
      guard service != nil, arrow + 1 < words.count else {
        throw line.fault("a backend, as 1 => 10.244.1.9:80/TCP (active)")
      }
      let (endpoint, _, _) = try CiliumService.parts(words[arrow + 1], line)
      var destination = IPVSTable.Destination(endpoint: endpoint, line: line.number)
      // One that is quarantined, in maintenance or terminating gets nothing new.
      let state = words.dropFirst(arrow + 2).first
      if let state, state.hasPrefix("("), state != "(active)" { destination.weight = 0 }
      service?.destinations.append(destination)
    }
    if let service { service.add(to: &table) }
    return table
  }
}

/// A service while its lines are read.
private struct CiliumService {
  let endpoint: IPVSTable.Endpoint
  let transports: [IPVSTable.Transport]
  /// For what comes from within the cluster alone (`/i`).
  let isInternal: Bool
  let line: Int
  var destinations: [IPVSTable.Destination] = []
  var isDirect = false
  var listsAll = true

  init(frontend: Substring, _ line: TextLine) throws(TableError) {
    (endpoint, transports, isInternal) = try Self.parts(frontend, line)
    self.line = line.number
  }

  /// Reads `10.1.10.10:80`, `10.1.10.10:80/TCP` or `10.1.10.10:80/TCP/i`. Without a protocol it is for all: Cilium tells them
  /// apart since 1.17.
  static func parts(
    _ word: Substring, _ line: TextLine
  ) throws(TableError) -> (IPVSTable.Endpoint, [IPVSTable.Transport], isInternal: Bool) {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard let (host, port) = IPVSTable.Endpoint.parts(parts[0]), let address = IPAddress(String(host)),
      let number = UInt16(port)
    else { throw line.fault("an address and a port, as 10.1.10.10:80/TCP", word) }
    let isInternal = parts.last == "i" && parts.count > 1
    let name = parts.count > 1 && parts[1] != "i" ? parts[1] : ""
    return (IPVSTable.Endpoint(address: address, port: number), IPVSTable.Transport.all(named: name), isInternal)
  }

  func add(to table: inout IPVSTable) {
    if isInternal { return }
    for transport in transports {
      var service = IPVSTable.Service(name: .endpoint(transport, endpoint), line: line)
      service.listsAllDestinations = listsAll
      service.destinations = destinations.map { destination in
        var destination = destination
        if isDirect { (destination.forwarding, destination.method) = (.option, "dsr") }
        return destination
      }
      table.services.append(service)
    }
  }
}
