import Wire

extension IPVSTable {
  /// `ipvsadm -Sn`: a command a line, `-A` for a service and `-a` for each of its destinations.
  static func rules(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .rules)
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
      case "-p": service.persistence = Persistence(seconds: try words.number("how long clients persist"))
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
      default: throw words.line.fault("an option of a service: -s, -p, -M, -b, -o or --pe", option)
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
    let mark: UInt32 = try words.number("a firewall mark")
    let isIPv6 = words.peeked == "-6"
    if isIPv6 { _ = words.next() }
    return .firewallMark(mark, isIPv6: isIPv6)
  }

  private static func destination(
    _ words: inout WordReader
  ) throws(TableError) -> (Service.Name, Destination) {
    let name = try name(&words)
    guard words.next() == "-r" else { throw words.line.fault("-r and the destination") }
    var destination = Destination(
      endpoint: try Endpoint(words.next("the destination's address and port"), in: words.line),
      line: words.line.number)
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
      default: throw words.line.fault("an option of a destination: -g, -m, -i, -w, -x, -y or --tun-…", option)
      }
    }
    destination.tunnel?.port = tunnelPort
    return (name, destination)
  }
}
