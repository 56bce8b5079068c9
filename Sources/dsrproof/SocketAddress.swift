import Platform
import Wire

/// An address and port as the system has it.
struct SocketAddress {
  private(set) var address: IPAddress
  private(set) var port: UInt16

  init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// The own end of a socket.
  init?(ownOf descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
    }
    guard status == 0 else { return nil }
    switch Int32(storage.ss_family) {
    case AF_INET:
      let own = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in.self) }
      self.init(IPAddress(v4: UInt32(bigEndian: own.sin_addr.s_addr)), port: UInt16(bigEndian: own.sin_port))
    case AF_INET6:
      let own = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in6.self) }
      guard let address = IPAddress(octets: unsafe withUnsafeBytes(of: own.sin6_addr) { unsafe Array($0) }) else {
        return nil
      }
      self.init(address, port: UInt16(bigEndian: own.sin6_port))
    default: return nil
    }
  }

  /// Connects a socket of this address's family; true where that is done or under way.
  func connect(_ descriptor: Int32) -> Bool {
    unsafe use { unsafe Platform.connect(descriptor, $0, $1) == 0 || errno == EINPROGRESS }
  }

  /// Gives a socket this address as its own.
  func bind(_ descriptor: Int32) -> Bool {
    unsafe use { unsafe Platform.bind(descriptor, $0, $1) == 0 }
  }

  private func use(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
    switch address.version {
    case .v4:
      var own = sockaddr_in()
      own.sin_family = sa_family_t(AF_INET)
      own.sin_port = port.bigEndian
      own.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
      return unsafe withUnsafePointer(to: &own) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    case .v6:
      var own = sockaddr_in6()
      own.sin6_family = sa_family_t(AF_INET6)
      own.sin6_port = port.bigEndian
      unsafe withUnsafeMutableBytes(of: &own.sin6_addr) { unsafe $0.copyBytes(from: address.octets) }
      return unsafe withUnsafePointer(to: &own) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
