import Platform
import Testing
import Wire

@Suite struct LinkTypeNameTests {
  /// libpcap's own function for it; `nil` where there is no libpcap.
  private static func nameOfLibpcap() -> ((UInt16) -> String?)? {
    typealias Name = @convention(c) (Int32) -> UnsafePointer<CChar>?
    for library in ["libpcap.so.0.8", "libpcap.A.dylib"] {
      guard let handle = unsafe dlopen(library, RTLD_NOW),
        let symbol = unsafe dlsym(handle, "pcap_datalink_val_to_name")
      else { continue }
      let name = unsafe unsafeBitCast(symbol, to: Name.self)
      return { number in unsafe name(Int32(number)).map { unsafe String(cString: $0) } }
    }
    return nil
  }

  /// What libpcap calls the numbers that it has in memory, which for these are those in files.
  @Test func namesAreThoseOfLibpcap() throws {
    let name = try #require(Self.nameOfLibpcap())
    var known = 0
    // In memory 101 is another one.
    for number in UInt16(0)..<400 where number != 101 {
      guard let ours = LinkType.name(of: number) else { continue }
      known += 1
      // One that a libpcap of this machine is too old for has none.
      #expect([ours, nil].contains(name(number)), "\(number)")
    }
    #expect(known > 40)
    for type in LinkType.allCases { #expect(type.name != "\(type.rawValue)") }
  }
}
