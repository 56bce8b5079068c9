import Testing
import Wire

@Suite struct MACAddressTests {
  @Test(arguments: ["06:ba:49:38:53:f0", "06-BA-49-38-53-F0", "06ba.4938.53f0"])
  func everyUsualSpellingIsRead(text: String) {
    #expect(MACAddress(text) == MACAddress(0x06ba_4938_53f0))
  }

  @Test(arguments: [
    "", "06ba493853f0", "06:ba:49:38:53", "06:ba:49:38:53:f0:00", "06:ba:49:38:53:g0", "06:ba-49:38:53:f0",
    "6:ba:49:38:53:f0", "06:ba:49:38:53:", "06ba.4938", "06 ba 49 38 53 f0", "٠6:ba:49:38:53:f0",
  ])
  func anythingElseIsRejected(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func printedFormReadsBack() {
    #expect(MACAddress(0x00_0a_0b_0c_0d_0e).description == "00:0a:0b:0c:0d:0e")
    #expect(MACAddress("00:0a:0b:0c:0d:0e")?.description == "00:0a:0b:0c:0d:0e")
  }

  @Test func groupAndZeroAddressesAreNotUnicast() {
    #expect(!MACAddress.broadcast.isUnicast)
    #expect(!MACAddress(0x0100_5e00_0001).isUnicast)
    #expect(!MACAddress(0).isUnicast)
    #expect(MACAddress(0x0200_0000_0001).isUnicast)
  }
}

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("0.0.0.0", UInt32(0)), ("10.1.10.10", 0x0a01_0a0a), ("255.255.255.255", 0xffff_ffff),
  ])
  func dottedDecimalIsRead(text: String, value: UInt32) {
    #expect(IPAddress(text) == IPAddress(v4: value))
    #expect(IPAddress(v4: value).description == text)
  }

  @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", "+1.2.3.4", "1.2.3.4 ", "0x1.2.3.4"])
  func otherDecimalIsRejected(text: String) {
    #expect(IPAddress(text) == nil)
  }

  /// RFC 5952 section 4: what is read, and the one way to write it.
  @Test(arguments: [
    ("::", "::"),
    ("0:0:0:0:0:0:0:1", "::1"),
    ("2001:0db8::0001", "2001:db8::1"),
    ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:DB8::ABCD", "2001:db8::abcd"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("1:0:0:0:0:0:0:0", "1::"),
    ("::ffff:192.0.2.1", "::ffff:c000:201"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
  ])
  func canonicalFormFollowsRFC5952(text: String, canonical: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.version == .v6)
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
  }

  @Test(arguments: [
    ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "1:2",
    "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", ":1::2", "1::2:",
  ])
  func otherTextIsRejected(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func addressesOfBothVersionsNeverCompareEqual() {
    #expect(IPAddress(v4: 1) != IPAddress(v6High: 0, low: 1))
    #expect(IPAddress(v4: .max) < IPAddress(v6High: 0, low: 1))
  }

  @Test(arguments: ["224.0.0.18", "239.255.255.255", "255.255.255.255", "ff02::12"])
  func groupsAreKnown(text: String) {
    #expect(IPAddress(text)?.isMulticastOrBroadcast == true)
  }

  @Test(arguments: ["223.255.255.255", "240.0.0.1", "10.0.0.255", "fe80::1", "::"])
  func singleStationsAreKnown(text: String) {
    #expect(IPAddress(text)?.isMulticastOrBroadcast == false)
  }
}

@Suite struct RedundancyAddressTests {
  @Test(arguments: [
    ("00:00:5e:00:01:2a", RedundancyProtocol.vrrp), ("00:00:5e:00:02:ff", .vrrpIPv6), ("00:00:0c:07:ac:00", .hsrp),
    ("00:00:0c:9f:f0:00", .hsrpV2), ("00:00:0c:9f:ff:ff", .hsrpV2), ("00:05:73:a0:00:00", .hsrpIPv6),
    ("00:05:73:a0:0f:ff", .hsrpIPv6), ("00:07:b4:00:01:02", .glbp), ("00:23:04:ee:be:0a", .vpc),
    ("02:bf:0a:01:0a:0a", .nlbUnicast), ("03:bf:0a:01:0a:0a", .nlbMulticast),
  ])
  func virtualAddressesAreRecognised(text: String, expected: RedundancyProtocol) throws {
    #expect(try #require(MACAddress(text)).redundancyProtocol == expected)
  }

  @Test(arguments: [
    "00:00:5e:00:00:01", "00:00:5e:00:03:01", "00:00:0c:07:ad:00", "00:00:0c:9f:e0:00", "00:05:73:a0:10:00",
    "00:07:b4:10:01:02", "00:23:04:ee:bf:0a", "00:bf:0a:01:0a:0a", "ff:ff:ff:ff:ff:ff",
  ])
  func neighbouringAddressesAreNot(text: String) throws {
    #expect(try #require(MACAddress(text)).redundancyProtocol == nil)
  }

  /// 02:01 to 02:20 are hosts of an NLB cluster, but also any virtual machine.
  @Test(arguments: ["02:01:0a:01:0a:0a", "02:20:0a:01:0a:0a"])
  func locallyAdministeredAddressIsNoProofOfNLB(text: String) throws {
    #expect(try #require(MACAddress(text)).redundancyProtocol == nil)
  }
}
