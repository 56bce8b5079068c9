import CPcap

/// libpcap, opened when it is needed.
enum PcapLibrary {
  /// It is not on this host.
  struct Missing: Error {}

  /// What Debian calls it, what others do, and macOS.
  private static let names = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.A.dylib"]

  private static let opened: pcap_library? = {
    var library = pcap_library()
    return names.contains { unsafe pcap_open_library($0, &library) != 0 } ? library : nil
  }()

  static var functions: pcap_library {
    get throws(Missing) {
      guard let library = opened else { throw Missing() }
      return library
    }
  }

  /// What whoever misses it is told.
  static let advice = "needs libpcap, and there is none here: install libpcap0.8 (Debian, Ubuntu) or libpcap (others)"
}

extension pcap_library {
  /// What went wrong with a capture.
  func message(_ handle: OpaquePointer) -> String { unsafe text(geterr(handle)) }

  /// What a status stands for.
  func message(_ status: Int32) -> String { unsafe text(statustostr(status)) }

  private func text(_ message: UnsafePointer<CChar>?) -> String {
    unsafe message.map { unsafe String(cString: $0) } ?? "libpcap does not say why"
  }
}
