/// The option by which Cilium tells a backend the VIP and port of a request whose destination it has translated
/// (cilium/cilium bpf/lib/dsr.h, bpf/lib/tunnel.h). The byte order of what it holds differs between versions, and is not
/// read: that it is there tells enough.
enum DSROption {
  /// IPv4: type 0x9a, eight bytes (RFC 791 section 3.1 has the form of options).
  static func isIn(v4 options: Span<UInt8>) -> Bool {
    var offset = 0
    while offset + 1 < options.count {
      let type = options.byte(at: offset)
      if type == 0 { return false }
      if type == 1 {
        offset += 1
        continue
      }
      let length = Int(options.byte(at: offset + 1))
      if length < 2 { return false }
      if type == 0x9a, length == 8 { return true }
      offset += length
    }
    return false
  }

  /// IPv6 Destination Options: type 0x1b, twenty bytes of address, port and padding (RFC 8200 section 4.2).
  static func isIn(v6 header: Span<UInt8>) -> Bool {
    var offset = 2
    while offset + 1 < header.count {
      let type = header.byte(at: offset)
      if type == 0 {
        offset += 1
        continue
      }
      let length = Int(header.byte(at: offset + 1))
      if type == 0x1b, length == 20 { return true }
      offset += 2 + length
    }
    return false
  }

  /// Geneve: class 0x014b, type 0x81, the length in words (RFC 8926 section 3.5).
  static func isIn(geneve options: Span<UInt8>) -> Bool {
    var offset = 0
    while offset + 4 <= options.count {
      // The highest bit of the type says that the option is critical, and belongs to it.
      if options.be16(at: offset) == 0x014b, options.byte(at: offset + 2) == 0x81 { return true }
      offset += 4 + Int(options.byte(at: offset + 3) & 0x1f) * 4
    }
    return false
  }
}
