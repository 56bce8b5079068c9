import CPcap
public import Wire

/// An interface that can be captured.
public struct InterfaceDescription: Sendable {
  public var name: String
  public var isUp: Bool
  public var isLoopback: Bool
  /// Its own; `nil` where it has none, as loopback, or the system does not tell.
  public var mac: MACAddress?
  /// Its addresses, each with its prefix length in bits.
  public var addresses: [(address: IPAddress, prefixLength: Int)]

  /// All that libpcap finds, `any` included, in its order.
  public static func all() throws(LiveCaptureError) -> [InterfaceDescription] {
    let library: pcap_library
    do throws(PcapLibrary.Missing) {
      library = try PcapLibrary.functions
    } catch {
      throw LiveCaptureError(interface: "interfaces", fault: .libraryMissing)
    }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    var first = unsafe UnsafeMutablePointer<pcap_if_t>?.none
    guard unsafe library.findalldevs(&first, &message) == 0 else {
      throw LiveCaptureError(interface: "interfaces", fault: .cannotOpen(text(message)))
    }
    defer { unsafe library.freealldevs(first) }
    var found: [InterfaceDescription] = []
    var next = unsafe first
    while let device = unsafe next?.pointee {
      unsafe found.append(
        InterfaceDescription(
          name: String(cString: device.name), isUp: device.flags & UInt32(PCAP_IF_UP) != 0,
          isLoopback: device.flags & UInt32(PCAP_IF_LOOPBACK) != 0, mac: mac(of: device),
          addresses: addresses(of: device)))
      unsafe next = unsafe device.next
    }
    return found
  }

  private static func addresses(of device: pcap_if_t) -> [(address: IPAddress, prefixLength: Int)] {
    var found: [(address: IPAddress, prefixLength: Int)] = []
    var next = unsafe device.addresses
    while let entry = unsafe next?.pointee {
      if let address = unsafe ipAddress(entry.addr) {
        let mask = unsafe ipAddress(entry.netmask)
        let bits =
          mask.map { ($0.high.nonzeroBitCount + $0.low.nonzeroBitCount) } ?? (address.version == .v4 ? 32 : 128)
        found.append((address, bits))
      }
      unsafe next = unsafe entry.next
    }
    return found
  }

  private static func ipAddress(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
    guard let pointer = unsafe pointer else { return nil }
    switch unsafe Int32(pointer.pointee.sa_family) {
    case AF_INET:
      let address = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
      return IPAddress(v4: UInt32(bigEndian: address.sin_addr.s_addr))
    case AF_INET6:
      let address = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
      return IPAddress(octets: unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) })
    default: return nil
    }
  }
}
