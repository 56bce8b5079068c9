import CCurl
import Capture
import Checks
import Evidence
import Platform
import Synchronization
import Wire

/// Connections to the VIP, one after the other, in a thread beside the capture.
final class Probes: Sendable {
  private let results = Mutex<[ProbeResult]>([])
  private let ended = Atomic(false)

  /// How long one may take.
  private static let patience = 3

  var isEnded: Bool { ended.load(ordering: .acquiring) }

  /// What became of them so far, in their order.
  var done: [ProbeResult] { results.withLock { $0 } }

  /// Begins to ask.
  func start(_ kind: ProbeOptions.Kind, at targets: [ServicePattern], _ options: ProbeOptions) {
    let (count, pause, source) = (options.probeCount, options.probeInterval, options.probeFrom)
    do throws(SystemError) {
      try Threads.start { [self] in
        for number in 0..<count {
          for target in targets {
            let result = Self.ask(kind, target, from: source)
            results.withLock { $0.append(result) }
          }
          if number + 1 < count { Threads.sleep(for: pause) }
        }
        ended.store(true, ordering: .releasing)
      }
    } catch {
      let failed = targets.map { ProbeResult(service: $0).failed("cannot start a thread: \(error)") }
      results.withLock { $0 += failed }
      ended.store(true, ordering: .releasing)
    }
  }

  private static func ask(_ kind: ProbeOptions.Kind, _ target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    switch kind {
    case .udp: datagram(to: target, from: source)
    case .tcp: connection(to: target, from: source)
    case .http(let url): request(url, at: target, from: source)
    }
  }

  /// A TCP connection to the VIP, from a new port, and its end.
  private static func connection(to target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    var result = ProbeResult(service: target)
    let family = target.address.version == .v4 ? AF_INET : AF_INET6
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return result.failed(systemMessage(errno)) }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    if let source, !SocketAddress(source, port: 0).bind(descriptor) {
      return result.failed("cannot ask from \(source): \(systemMessage(errno))")
    }
    let start = ContinuousClock.now
    let obstacle = SocketAddress(target.address, port: target.port ?? 0).connect(descriptor) ? 0 : errno
    result.client = ownEnd(of: descriptor)
    guard obstacle == 0 else { return result.failed(systemMessage(obstacle)) }
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&waiting, 1, Int32(patience * 1000)) > 0 else {
      return result.failed("no answer in \(patience) s")
    }
    var (error, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
    unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
    guard error == 0 else { return result.failed(systemMessage(error)) }
    result.latency = (ContinuousClock.now - start) / .seconds(1)
    result.status = "connected"
    return result
  }

  /// An HTTP request at the VIP, over a connection of its own.
  private static func request(_ url: String, at target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    var result = ProbeResult(service: target)
    guard let curl = CurlLibrary() else { return result.failed("libcurl is missing: install libcurl4") }
    guard let handle = unsafe curl.begin() else { return result.failed("no memory") }
    defer { unsafe curl.end(handle) }
    unsafe curl.set(CURLOPT_URL, url, on: handle)
    // No shell variable may lead the probe elsewhere.
    unsafe curl.set(CURLOPT_PROXY, "", on: handle)
    unsafe curl.set(CURLOPT_NOSIGNAL, 1, on: handle)
    unsafe curl.set(CURLOPT_CONNECTTIMEOUT, patience, on: handle)
    unsafe curl.set(CURLOPT_TIMEOUT, patience, on: handle)
    unsafe curl.set(CURLOPT_FORBID_REUSE, 1, on: handle)
    // Who answers is asked, not whether it may: the VIP's certificate is often another's.
    unsafe curl.set(CURLOPT_SSL_VERIFYPEER, 0, on: handle)
    unsafe curl.set(CURLOPT_SSL_VERIFYHOST, 0, on: handle)
    unsafe curl.discardBody(of: handle)
    if let source { unsafe curl.set(CURLOPT_INTERFACE, "host!\(source)", on: handle) }
    // One that fails has an end too, and curl does not tell it: so it is chosen here.
    if let end = freeEnd(towards: target, from: source) {
      result.client = end
      unsafe curl.set(CURLOPT_LOCALPORT, Int(end.port), on: handle)
    }
    let host = target.address.version == .v6 ? "[\(target.address)]" : "\(target.address)"
    let code = unsafe curl.with(CURLOPT_CONNECT_TO, "::\(host):\(target.port ?? 0)", on: handle) {
      unsafe curl.perform(handle)
    }
    if let address = unsafe curl.string(CURLINFO_LOCAL_IP, of: handle).flatMap({ IPAddress($0) }),
      let port = unsafe UInt16(exactly: curl.number(CURLINFO_LOCAL_PORT, of: handle)), port > 0
    {
      result.client = Endpoint(address: address, port: port)
    }
    guard code == CURLE_OK else { return result.failed(curl.message(code)) }
    result.latency = unsafe curl.time(CURLINFO_TOTAL_TIME_T, of: handle)
    result.status = unsafe "HTTP \(curl.number(CURLINFO_RESPONSE_CODE, of: handle))"
    return result
  }

  /// A datagram to the VIP from a new port, and whatever comes back.
  private static func datagram(to target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    var result = ProbeResult(service: target)
    let family = target.address.version == .v4 ? AF_INET : AF_INET6
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { return result.failed(systemMessage(errno)) }
    defer { close(descriptor) }
    if let source, !SocketAddress(source, port: 0).bind(descriptor) {
      return result.failed("cannot ask from \(source): \(systemMessage(errno))")
    }
    let obstacle = SocketAddress(target.address, port: target.port ?? 0).connect(descriptor) ? 0 : errno
    result.client = ownEnd(of: descriptor)
    guard obstacle == 0 else { return result.failed(systemMessage(obstacle)) }
    let start = ContinuousClock.now
    let payload = target.port == 53 ? dnsQuery : Array("dsrproof\n".utf8)
    guard unsafe payload.withUnsafeBytes({ unsafe send(descriptor, $0.baseAddress, $0.count, 0) }) == payload.count
    else {
      return result.failed(systemMessage(errno))
    }
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&waiting, 1, Int32(patience * 1000)) > 0 else {
      return result.failed("no answer in \(patience) s")
    }
    result.latency = (ContinuousClock.now - start) / .seconds(1)
    var answer = [UInt8](repeating: 0, count: 2048)
    let received = unsafe recv(descriptor, &answer, answer.count, 0)
    guard received >= 0 else { return result.failed(systemMessage(errno)) }
    result.status = "answered"
    return result
  }

  /// A socket's own end, once it has one.
  private static func ownEnd(of descriptor: Int32) -> Endpoint? {
    guard let own = SocketAddress(ownOf: descriptor), own.port > 0 else { return nil }
    return Endpoint(address: own.address, port: own.port)
  }

  /// The address that this host asks from, and a port that nobody has.
  private static func freeEnd(towards target: ServicePattern, from source: IPAddress?) -> Endpoint? {
    guard let address = source ?? sourceAddress(towards: target.address) else { return nil }
    let descriptor = socket(address.version == .v4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return SocketAddress(address, port: 0).bind(descriptor) ? ownEnd(of: descriptor) : nil
  }

  /// Who serves the root (RFC 1035 section 4.1): every name server answers, with whatever it has.
  private static let dnsQuery: [UInt8] = [0x64, 0x73, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
}

extension ProbeResult {
  fileprivate func failed(_ reason: String) -> ProbeResult {
    var result = self
    result.failure = reason
    return result
  }
}
