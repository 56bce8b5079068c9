import Foundation
import TestSupport

/// A connection whose bytes a test writes and reads itself.
final class RawConnection {
  private let descriptor: Int32
  private var isOpen = true

  /// `fromElsewhere`: with another address than the server's, as from another host.
  init(port: UInt16, fromElsewhere: Bool = false) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if fromElsewhere {
      var own = loopback(port: 0)
      own.sin_addr.s_addr = (0x7f00_0002 as UInt32).bigEndian
      let status = unsafe withUnsafePointer(to: &own) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard status == 0 else { throw CommandLineTool.Failure(description: "no address: error \(errno)") }
    }
    var address = loopback(port: port)
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw CommandLineTool.Failure(description: "no connection: error \(errno)") }
  }

  deinit { close() }

  func close() {
    if isOpen { Glibc.close(descriptor) }
    isOpen = false
  }

  /// Whether all of it was taken.
  @discardableResult
  func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// What comes until `end` is there, the other side closes, or so many seconds are over.
  func receive(until end: String? = nil, for seconds: Double = 10) -> (text: String, isClosed: Bool) {
    var bytes: [UInt8] = []
    let limit = Date.now.addingTimeInterval(seconds)
    while Date.now < limit {
      if let end, String(decoding: bytes, as: UTF8.self).contains(end) { break }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 100) > 0 else { continue }
      var part = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe recv(descriptor, &part, part.count, 0)
      if count <= 0 { return (String(decoding: bytes, as: UTF8.self), true) }
      bytes += part.prefix(count)
    }
    return (String(decoding: bytes, as: UTF8.self), false)
  }
}

/// A socket that listens at a free port of this host.
func listeningSocket() throws -> (descriptor: Int32, port: UInt16) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(port: 0)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
        && getsockname(descriptor, $0, &length) == 0
    }
  }
  guard isBound else { throw CommandLineTool.Failure(description: "no socket: error \(errno)") }
  _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  return (descriptor, UInt16(bigEndian: address.sin_port))
}

private func loopback(port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}
