import Wire

extension IPVSTable {
  /// `ipvsadm -Sn`: a command a line, `-A` for a service and `-a` for each of its destinations.
  static func rules(_ lines: [TextLine], isWhole: Bool) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .rules)
    try table.run(lines)
    table.listsAllServices = isWhole
    return table
  }

  /// A command of `ipvsadm` that changes its table, with the short names of options; `nil` for any other.
  ///
  /// Source: ipvsadm 1.31 `ipvsadm.c`, `parse_options`.
  static func change(_ command: ArraySlice<Substring>) -> [Substring]? {
    let words = command.flatMap { word -> [Substring] in
      // `--weight=3` is `--weight 3`.
      let parts = word.hasPrefix("--") ? word.split(separator: "=", maxSplits: 1) : [word]
      return parts.first.map { [shortNames[$0] ?? $0] + parts.dropFirst() } ?? [word]
    }
    guard let first = words.first, ["-A", "-E", "-D", "-a", "-e", "-d", "-C"].contains(first) else { return nil }
    // What a script does beside it.
    let end = words.firstIndex { ["#", "&&", "||", ";", "|"].contains($0) || $0.hasPrefix(">") || $0.hasPrefix("2>") }
    return Array(words[..<(end ?? words.endIndex)])
  }

  private static let shortNames: [Substring: Substring] = [
    "--add-service": "-A", "--edit-service": "-E", "--delete-service": "-D", "--clear": "-C", "--add-server": "-a",
    "--edit-server": "-e", "--delete-server": "-d", "--tcp-service": "-t", "--udp-service": "-u",
    "--fwmark-service": "-f", "--ipv6": "-6", "--scheduler": "-s", "--persistent": "-p", "--netmask": "-M",
    "--sched-flags": "-b", "--ops": "-o", "--real-server": "-r", "--gatewaying": "-g", "--masquerading": "-m",
    "--ipip": "-i", "--weight": "-w", "--u-threshold": "-x", "--l-threshold": "-y",
  ]

  /// Does to the table what commands do, one after the other.
  mutating func run(_ lines: [TextLine]) throws(TableError) {
    // Counters of a name stand in services of their own.
    var places: [Service.Name: Int] = [:]
    for (index, service) in services.enumerated() where service.counters == nil { places[service.name] = index }
    for line in lines {
      var words = WordReader(line, droppingFirst: 1)
      switch line.words[0] {
      case "-A", "-E":
        let service = try Self.service(&words)
        if let place = places[service.name] {
          // It is there already.
          guard line.words[0] == "-E" else { break }
          let destinations = services[place].destinations
          services[place] = service
          services[place].destinations = destinations
        } else if line.words[0] == "-A" {
          places[service.name] = services.count
          services.append(service)
        }
      case "-a", "-e":
        let (name, destination) = try Self.destination(&words)
        guard let place = places[name] else {
          throw line.fault("a service (-A) before its destinations (-a)")
        }
        let known = services[place].destinations.firstIndex { $0.endpoint == destination.endpoint }
        if let known {
          if line.words[0] == "-e" { services[place].destinations[known] = destination }
        } else {
          services[place].destinations.append(destination)
        }
      case "-d":
        let name = try Self.name(&words)
        guard words.next() == "-r", let word = words.next(), let place = places[name] else { break }
        let endpoint = try Self.endpoint(word, of: name, line)
        services[place].destinations.removeAll { $0.endpoint == endpoint }
      case "-D":
        let name = try Self.name(&words)
        services.removeAll { $0.name == name }
        places = [:]
        for (index, service) in services.enumerated() where service.counters == nil { places[service.name] = index }
      case "-C":
        services = []
        places = [:]
      default: throw line.fault("-A or -a, as ipvsadm -Sn prints them")
      }
    }
  }

  private static func service(_ words: inout WordReader) throws(TableError) -> Service {
    var service = Service(name: try name(&words), line: words.line.number)
    var prefixLength: UInt8?
    while let option = words.next() {
      switch option {
      case "-s": service.scheduler = String(try words.next("a scheduler"))
      case "-p":
        // Where it is left out, ipvsadm takes 360 seconds.
        let seconds = words.peeked.flatMap { UInt32($0) }
        if seconds != nil { _ = words.next() }
        service.persistence = Persistence(seconds: seconds ?? 360)
      case "-M":
        let mask = try words.next("the mask of persistence")
        guard let length = Self.prefixLength(mask) else {
          throw words.line.fault("a mask as 255.255.255.0 or 64", mask)
        }
        prefixLength = length
      case "-b":
        service.schedulerFlags = try words.next("scheduler flags").split(separator: ",").map(String.init)
      case "-o": service.isOnePacket = true
      case "--pe": service.persistenceEngine = String(try words.next("a persistence engine"))
      case "-j", "--synproxy": service.answersHandshakes = true
      // What is not known is shown as it stands.
      default: service.schedulerFlags.append(String(option))
      }
    }
    service.persistence?.prefixLength = prefixLength
    return service
  }

  private static func name(_ words: inout WordReader) throws(TableError) -> Service.Name {
    let option = try words.next("-t, -u, --sctp-service or -f")
    let transports: [Substring: Transport] = ["-t": .tcp, "-u": .udp, "--sctp-service": .sctp]
    if let transport = transports[option] {
      return .endpoint(transport, try Endpoint(words.next("the service's address and port"), in: words.line))
    }
    guard option == "-f" else { throw words.line.fault("-t, -u, --sctp-service or -f", option) }
    let mark = try Self.mark(&words)
    let isIPv6 = words.peeked == "-6"
    if isIPv6 { _ = words.next() }
    return .firewallMark(mark, isIPv6: isIPv6)
  }

  private static func destination(
    _ words: inout WordReader
  ) throws(TableError) -> (Service.Name, Destination) {
    let name = try name(&words)
    guard words.next() == "-r" else { throw words.line.fault("-r and the destination") }
    let word = try words.next("the destination's address and port")
    // Without a method it stays open: IPVS takes Route then, DPVS another one.
    var destination = Destination(endpoint: try endpoint(word, of: name, words.line), line: words.line.number)
    var tunnelPort: UInt16?
    while let option = words.next() {
      switch option {
      case "-g": destination.forwarding = .route
      case "-m": destination.forwarding = .masquerade
      case "-i": destination.forwarding = .tunnel
      case "-w": destination.weight = try words.number("a weight")
      case "-x", "-y": _ = try words.next("a limit of connections")
      case "--tun-type":
        let type = try words.next("ipip, gue or gre")
        guard let known = TunnelType(rawValue: String(type)) else { throw words.line.fault("ipip, gue or gre", type) }
        destination.tunnel = Tunnel(type: known)
      case "--tun-port": tunnelPort = try words.number("the tunnel's port")
      case "--tun-nocsum", "--tun-csum", "--tun-remcsum": break
      // DPVS: tools/ipvsadm/ipvsadm.c, parse_options.
      case "-b", "--fullnat": destination.forwarding = .fullNAT
      default: throw words.line.fault("an option of a destination: -g, -m, -i, -w, -x, -y or --tun-…", option)
      }
    }
    destination.tunnel?.port = tunnelPort
    return (name, destination)
  }

  /// Without a port the destination has the service's.
  private static func endpoint(
    _ word: Substring, of name: Service.Name, _ line: TextLine
  ) throws(TableError) -> Endpoint {
    guard let address = IPAddress(String(word)) else { return try Endpoint(word, in: line) }
    guard case .endpoint(_, let service) = name else { return Endpoint(address: address, port: 0) }
    return Endpoint(address: address, port: service.port)
  }
}
