public import Checks
public import Tables

extension Verdict {
  /// The tables for people, service by service, and what speaks against them.
  public func textReport(of tables: Tables, color: Bool) -> String {
    var page = TerminalText(color: color)
    page.add(headlineOf: self)
    for file in tables.ipvs {
      page.line()
      page.line(file.host.map { "\($0): \(file.path)" } ?? file.path, .bold)
      for service in file.table.services { page.add(service) }
      if file.table.services.isEmpty, file.table.connections.isEmpty { page.line("  no service") }
      if !file.table.connections.isEmpty { page.add(file.table.connections) }
    }
    page.addFindings(of: self)
    return page.text
  }
}

extension TerminalText {
  fileprivate mutating func add(_ service: IPVSTable.Service) {
    var words = [service.name.text]
    if let scheduler = service.scheduler { words.append(scheduler) }
    if !service.schedulerFlags.isEmpty { words.append("(\(service.schedulerFlags.joined(separator: ",")))") }
    if let persistence = service.persistence {
      words.append("persistent" + (persistence.seconds.map { " \($0) s" } ?? ""))
      if let length = persistence.prefixLength { words.append("/\(length)") }
    }
    if service.isOnePacket { words.append("ops") }
    line("  " + words.joined(separator: " "))
    for destination in service.destinations { line("    " + destination.text) }
    if service.destinations.isEmpty { line("    no destination") }
  }

  /// How many entries each destination has of each virtual service.
  fileprivate mutating func add(_ connections: [IPVSTable.Connection]) {
    struct Pair: Hashable {
      var virtual: IPVSTable.Endpoint
      var destination: IPVSTable.Endpoint
    }
    var order: [Pair] = []
    var counts: [Pair: Int] = [:]
    for entry in connections {
      let pair = Pair(virtual: entry.virtual, destination: entry.destination)
      if counts[pair] == nil { order.append(pair) }
      counts[pair, default: 0] += 1
    }
    for pair in order {
      let count = counts[pair, default: 0]
      line("  \(pair.virtual.text) → \(pair.destination.text)  \(count) \(count == 1 ? "entry" : "entries")")
    }
  }
}

extension IPVSTable.Destination {
  fileprivate var text: String {
    var words = [endpoint.text]
    if let forwarding { words.append(forwarding.name) }
    if let tunnel { words.append(tunnel.type.rawValue + (tunnel.port.map { ":\($0)" } ?? "")) }
    if let weight { words.append("weight \(weight)") }
    if let activeConnections, let inactiveConnections {
      words.append("\(activeConnections) active, \(inactiveConnections) inactive")
    }
    if let counters {
      let unit = counters.isRate ? "/s" : ""
      words.append("\(counters.packetsIn)\(unit) packets in, \(counters.packetsOut)\(unit) out")
    }
    return words.joined(separator: "  ")
  }
}
