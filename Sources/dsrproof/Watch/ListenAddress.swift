import ArgumentParser
import Platform
import Wire

/// Where the page is served: an address of this host and a port. 0 is a port that is free.
struct ListenAddress: Equatable {
  var address: IPAddress
  var port: UInt16

  /// Reads `127.0.0.1:9743` or `[::1]:9743`, and no less: who opens a port says where.
  init(argument: String) throws {
    let mistake = ValidationError("Expected an address and a port like 127.0.0.1:9743 or [::1]:9743.")
    guard let colon = argument.lastIndex(of: ":") else { throw mistake }
    let (host, digits) = (argument[..<colon], argument[argument.index(after: colon)...])
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let address = IPAddress(String(isBracketed ? host.dropFirst().dropLast() : host)),
      isBracketed == (address.version == .v6),
      digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(digits)
    else { throw mistake }
    (self.address, self.port) = (address, port)
  }

  /// Nobody but this host reaches it.
  var isLoopback: Bool {
    switch address.version {
    case .v4: address.low >> 24 == 127
    case .v6: address.high == 0 && address.low == 1
    }
  }

  /// As a browser writes it.
  var host: String { address.version == .v6 ? "[\(address)]" : "\(address)" }
}

/// A socket that listens; it is closed with this value's owner, unless another takes it.
final class ListeningSocket {
  private(set) var address: ListenAddress
  private var descriptor: Int32

  init(_ address: ListenAddress) throws(Failure) {
    self.address = address
    let name = "--listen \(address.host):\(address.port)"
    descriptor = socket(address.address.version == .v6 ? AF_INET6 : AF_INET, Self.stream, 0)
    guard descriptor >= 0 else { throw .cannotRun("\(name): \(systemMessage(errno))") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    // What an earlier run has left behind is no other server.
    var yes: Int32 = 1
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard SocketAddress(address.address, port: address.port).bind(descriptor), listen(descriptor, 64) == 0 else {
      let error = errno
      close(descriptor)
      descriptor = -1
      throw .cannotRun("\(name): \(systemMessage(error))")
    }
    if let own = SocketAddress(ownOf: descriptor) { self.address.port = own.port }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Hands it to whoever closes it from then on.
  func take() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  #if os(Linux)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif
}
