import CCurl
import Checks
import Evidence
import Foundation
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
    let thread = Thread { [self] in
      for number in 0..<count {
        for target in targets {
          let result = Self.ask(kind, target, from: source)
          results.withLock { $0.append(result) }
        }
        if number + 1 < count { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
      }
      ended.store(true, ordering: .releasing)
    }
    thread.start()
  }

  private static func ask(_ kind: ProbeOptions.Kind, _ target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    switch kind {
    case .udp: datagram(to: target, from: source)
    case .tcp: transfer("http://\(urlHost(target.address))/", to: target, from: source, connectOnly: true)
    case .http(let url): transfer(url, to: target, from: source, connectOnly: false)
    }
  }

  private static func urlHost(_ address: IPAddress) -> String { address.version == .v6 ? "[\(address)]" : "\(address)" }

  /// A TCP connection to the VIP, and a request over it. A new one each time, so that its port is new.
  private static func transfer(
    _ url: String, to target: ServicePattern, from source: IPAddress?, connectOnly: Bool
  ) -> ProbeResult {
    var result = ProbeResult(service: target)
    guard let handle = unsafe curl_easy_init() else { return result.failed("no memory") }
    defer { unsafe curl_easy_cleanup(handle) }
    let place = unsafe curl_slist_append(nil, "::\(urlHost(target.address)):\(target.port ?? 0)")
    defer { unsafe curl_slist_free_all(place) }
    unsafe curl_easy_set_string(handle, CURLOPT_URL, url)
    unsafe curl_easy_set_list(handle, CURLOPT_CONNECT_TO, place)
    // No shell variable may lead the probe elsewhere.
    unsafe curl_easy_set_string(handle, CURLOPT_PROXY, "")
    unsafe curl_easy_set_long(handle, CURLOPT_NOSIGNAL, 1)
    unsafe curl_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT, patience)
    unsafe curl_easy_set_long(handle, CURLOPT_TIMEOUT, patience)
    unsafe curl_easy_set_long(handle, CURLOPT_FORBID_REUSE, 1)
    // Who answers is asked, not whether it may: the VIP's certificate is often another's.
    unsafe curl_easy_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
    unsafe curl_easy_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
    unsafe curl_easy_discard_body(handle)
    if connectOnly { unsafe curl_easy_set_long(handle, CURLOPT_CONNECT_ONLY, 1) }
    if let source { unsafe curl_easy_set_string(handle, CURLOPT_INTERFACE, "host!\(source)") }
    let code = unsafe curl_easy_perform(handle)
    result.client = unsafe localEnd(of: handle)
    var (connected, total): (curl_off_t, curl_off_t) = (0, 0)
    unsafe curl_easy_get_time(handle, CURLINFO_CONNECT_TIME_T, &connected)
    unsafe curl_easy_get_time(handle, CURLINFO_TOTAL_TIME_T, &total)
    let latency = connectOnly ? connected : total
    if latency > 0 { result.latency = Double(latency) / 1e6 }
    guard code == CURLE_OK else { return result.failed(unsafe String(cString: curl_easy_strerror(code))) }
    if connectOnly {
      result.status = "connected"
    } else {
      var status = 0
      unsafe curl_easy_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
      result.status = "HTTP \(status)"
    }
    return result
  }

  private static func localEnd(of handle: UnsafeMutableRawPointer) -> Endpoint? {
    var port = 0
    var text = unsafe UnsafeMutablePointer<CChar>?.none
    unsafe curl_easy_get_long(handle, CURLINFO_LOCAL_PORT, &port)
    unsafe curl_easy_get_string(handle, CURLINFO_LOCAL_IP, &text)
    guard let text = unsafe text, let address = IPAddress(unsafe String(cString: text)), port > 0,
      let number = UInt16(exactly: port)
    else { return nil }
    return Endpoint(address: address, port: number)
  }

  /// A datagram to the VIP from a new port, and whatever comes back.
  private static func datagram(to target: ServicePattern, from source: IPAddress?) -> ProbeResult {
    var result = ProbeResult(service: target)
    let family = target.address.version == .v4 ? AF_INET : AF_INET6
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { return result.failed(unsafe String(cString: strerror(errno))) }
    defer { close(descriptor) }
    if let source, !SocketAddress(source, port: 0).bind(descriptor) {
      return result.failed("cannot ask from \(source): \(unsafe String(cString: strerror(errno)))")
    }
    guard SocketAddress(target.address, port: target.port ?? 0).connect(descriptor) else {
      return result.failed(unsafe String(cString: strerror(errno)))
    }
    result.client = SocketAddress(ownOf: descriptor).map { Endpoint(address: $0.address, port: $0.port) }
    let start = ContinuousClock.now
    let payload = target.port == 53 ? dnsQuery : Array("dsrproof\n".utf8)
    guard unsafe payload.withUnsafeBytes({ unsafe send(descriptor, $0.baseAddress, $0.count, 0) }) == payload.count
    else {
      return result.failed(unsafe String(cString: strerror(errno)))
    }
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&waiting, 1, Int32(patience * 1000)) > 0 else {
      return result.failed("no answer in \(patience) s")
    }
    result.latency = (ContinuousClock.now - start) / .seconds(1)
    var answer = [UInt8](repeating: 0, count: 2048)
    let received = unsafe recv(descriptor, &answer, answer.count, 0)
    guard received >= 0 else { return result.failed(unsafe String(cString: strerror(errno))) }
    result.status = "answered"
    return result
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
