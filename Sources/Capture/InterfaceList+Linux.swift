#if os(Linux)
  import CPcap
  import CSystemCalls
  import Wire

  extension InterfaceDescription {
    /// From the link-layer address among the device's addresses: packet(7). What lies below /sys may be of another network
    /// namespace.
    static func mac(of device: pcap_if_t) -> MACAddress? {
      var next = unsafe device.addresses
      while let entry = unsafe next?.pointee {
        if let pointer = unsafe entry.addr, unsafe Int32(pointer.pointee.sa_family) == AF_PACKET {
          let link = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_ll.self)
          let octets = unsafe withUnsafeBytes(of: link.sll_addr) { unsafe Array($0.prefix(Int(link.sll_halen))) }
          let mac = MACAddress(octets.reduce(0) { $0 << 8 | UInt64($1) })
          return octets.count == 6 && mac.isUnicast ? mac : nil
        }
        unsafe next = unsafe entry.next
      }
      return nil
    }
  }
#else
  import CPcap
  import Wire

  extension InterfaceDescription {
    static func mac(of device: pcap_if_t) -> MACAddress? { nil }
  }
#endif
