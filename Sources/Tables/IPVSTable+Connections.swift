import Wire

extension IPVSTable {
  /// `ipvsadm -lnc`: `TCP 01:58  FIN_WAIT    10.1.10.100:59930  10.1.10.10:80      10.1.10.21:80`.
  static func connectionListing(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .connections)
    for line in lines {
      var words = WordReader(line)
      let transport = try transport(&words)
      let time = try words.next("minutes and seconds, as 01:58")
      let parts = time.split(separator: ":")
      guard parts.count == 2, let minutes = UInt32(parts[0]), let seconds = UInt32(parts[1]), minutes < 1 << 24,
        seconds < 60
      else {
        throw line.fault("minutes and seconds, as 01:58", time)
      }
      let state = String(try words.next("a state"))
      table.connections.append(
        Connection(
          transport: transport, client: try Endpoint(words.next("the client"), in: line),
          virtual: try Endpoint(words.next("the virtual address"), in: line),
          destination: try Endpoint(words.next("the destination"), in: line), state: state,
          expires: minutes * 60 + seconds))
    }
    return table
  }

  /// DPVS, without a heading and with the worker's number: `[3]tcp 30s    SYN_RECV    10.1.10.100:59930 10.1.10.10:80
  /// 10.1.10.10:80 10.1.10.21:80`, the balancer's own end before the destination.
  ///
  /// Source: iqiyi/dpvs `tools/ipvsadm/ipvsadm.c`, `print_conn_entry`.
  static func workerConnections(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .connections)
    for line in lines {
      var words = WordReader(line)
      let first = try words.next("a worker and its protocol, as [3]tcp")
      guard let protocolName = workerProtocol(first) else {
        throw line.fault("a worker and its protocol, as [3]tcp", first)
      }
      let transport = Transport(rawValue: String(protocolName))
      let time = try words.next("seconds, as 30s")
      guard time.last == "s", let seconds = UInt32(time.dropLast()) else { throw line.fault("seconds, as 30s", time) }
      let state = String(try words.next("a state"))
      let client = try Endpoint(words.next("the client"), in: line)
      let virtual = try Endpoint(words.next("the virtual address"), in: line)
      _ = try Endpoint(words.next("the balancer's own address"), in: line)
      let destination = try Endpoint(words.next("the destination"), in: line)
      // Pings are none of ours.
      if transport == nil { continue }
      table.connections.append(
        Connection(
          transport: transport, client: client, virtual: virtual, destination: destination, state: state,
          expires: seconds))
    }
    return table
  }

  /// `tcp` of `[3]tcp`.
  static func workerProtocol(_ word: Substring) -> Substring? {
    guard word.first == "[", let bracket = word.firstIndex(of: "]"),
      UInt16(word[word.index(after: word.startIndex)..<bracket]) != nil
    else { return nil }
    return word[word.index(after: bracket)...]
  }

  /// `/proc/net/ip_vs_conn`: `TCP 0A010A64 EA1A 0A010A0A 0050 0A010A15 0050 FIN_WAIT      118`.
  static func kernelConnections(_ lines: [TextLine]) throws(TableError) -> IPVSTable {
    var table = IPVSTable(form: .kernelConnections)
    for line in lines {
      var words = WordReader(line)
      let transport = try transport(&words)
      let client = try kernelEndpoint(&words)
      let virtual = try kernelEndpoint(&words)
      let destination = try kernelEndpoint(&words)
      let state = String(try words.next("a state"))
      table.connections.append(
        Connection(
          transport: transport, client: client, virtual: virtual, destination: destination, state: state,
          expires: try words.number("the seconds until it expires")))
    }
    return table
  }

  private static func transport(_ words: inout WordReader) throws(TableError) -> Transport? {
    let word = try words.next("TCP, UDP, SCTP or IP")
    if word == "IP" { return nil }
    guard let transport = Transport(rawValue: word.lowercased()) else {
      throw words.line.fault("TCP, UDP, SCTP or IP", word)
    }
    return transport
  }

  private static func kernelEndpoint(_ words: inout WordReader) throws(TableError) -> Endpoint {
    let address = try words.next("a hexadecimal address")
    return try Endpoint(kernelAddress: address, port: try words.next("a hexadecimal port"), in: words.line)
  }
}
