import Wire

extension IPVSTable {
  /// `ipvsadm -Sn`: a command a line, `-A` for a service and `-a` for each of its destinations.
  static func rules(_ lines: [TextLine], isWhole: Bool) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .rules)
    table.listsAllServices = isWhole
    var places: [Service.Name: Int] = [:]
    for line in lines {
      var words = WordReader(line, droppingFirst: 1)
      switch line.words[0] {
      case "-A":
        let service = try service(&words)
        places[service.name] = places[service.name] ?? table.services.count
        table.services.append(service)
      case "-a":
        let (name, destination) = try destination(&words)
        guard let index = places[name] else {
          throw line.fault("a service (-A) before its destinations (-a)")
        }
        table.services[index].destinations.append(destination)
      default: throw line.fault("-A or -a, as ipvsadm -Sn prints them")
      }
    }
    return table
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
