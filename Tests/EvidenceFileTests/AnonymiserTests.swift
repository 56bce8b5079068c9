import Evidence
import EvidenceFile
import TestSupport
import Testing
import Wire

/// What becomes of addresses, and what stays in them.
@Suite struct AnonymiserTests {
  /// That of the sample that Crypto-PAn 1.0 comes with.
  private static let key: [UInt8] = [
    21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87,
    76, 45, 42, 132, 34, 2,
  ]

  private func anonymiser() throws -> Anonymiser { try #require(Anonymiser(key: Self.key)) }

  /// The sample's own results, of addresses that lie beside the blocks that are kept.
  @Test(arguments: [
    ("128.11.68.132", "135.242.180.132"), ("129.118.74.4", "134.136.186.123"), ("130.132.252.244", "133.68.164.234"),
    ("141.223.7.43", "141.167.8.160"), ("152.163.225.39", "151.140.114.167"),
  ])
  func itIsCryptoPAn(address: String, expected: String) throws {
    var anonymiser = try anonymiser()
    #expect(anonymiser.changed(try #require(IPAddress(address))).description == expected)
  }

  @Test func prefixesInCommonStayAsLong() throws {
    var anonymiser = try anonymiser()
    var random = SeededGenerator(seed: SeededGenerator.seed(for: "AnonymiserTests"))
    for _ in 0..<200 {
      let one = UInt32.random(in: 0 ... .max, using: &random)
      let other = one ^ 1 << UInt32.random(in: 0..<32, using: &random)
      let (a, b) = (anonymiser.changed(IPAddress(v4: one)), anonymiser.changed(IPAddress(v4: other)))
      let apart = { (a: UInt32, b: UInt32) in (a ^ b).leadingZeroBitCount }
      #expect(apart(UInt32(a.low), UInt32(b.low)) == apart(one, other), "\(one) \(other)")
      let (high, low) = (
        UInt64.random(in: 0 ... .max, using: &random), UInt64.random(in: 0 ... .max, using: &random)
      )
      let (c, d) = (
        anonymiser.changed(IPAddress(v6High: high, low: low)), anonymiser.changed(IPAddress(v6High: high, low: low ^ 1))
      )
      #expect(c.high == d.high && c.low ^ d.low == 1)
    }
  }

  @Test(arguments: [
    "0.0.0.0", "127.0.0.1", "224.0.0.18", "239.1.2.3", "255.255.255.255", "::", "::1", "ff02::1", "ff02::12",
  ])
  func whatMeansSomethingByItselfStays(address: String) throws {
    var anonymiser = try anonymiser()
    #expect(anonymiser.changed(try #require(IPAddress(address))).description == address)
  }

  @Test func classesStayAndNothingElseEntersThem() throws {
    var anonymiser = try anonymiser()
    var random = SeededGenerator(seed: SeededGenerator.seed(for: "AnonymiserTests (classes)"))
    let classes: [(IPAddress) -> Bool] = [
      \.isMulticastOrBroadcast, \.isUnspecified, \.isLoopback, \.isLinkLocal,
    ]
    for _ in 0..<500 {
      let low = UInt64.random(in: 0 ... .max, using: &random)
      let top: UInt64 = [0xfe80, 0xff02, 0x2001, 0xfd00, 0].randomElement(using: &random) ?? 0
      let start: UInt32 =
        [0xa9fe_0000, 0x7f00_0000, 0xe000_0000, 0x0a00_0000, 0xc0a8_0000, 0].randomElement(
          using: &random) ?? 0
      for address in [IPAddress(v6High: top << 48, low: low), IPAddress(v4: start | UInt32(low & 0xffff))] {
        let changed = anonymiser.changed(address)
        for isSuch in classes { #expect(isSuch(changed) == isSuch(address), "\(address)") }
      }
    }
    let group = anonymiser.changed(try #require(IPAddress("ff02::1:ff12:3456")))
    #expect(group.description.hasPrefix("ff02::1:ff") && group.description != "ff02::1:ff12:3456")
  }

  @Test func macsStayApartAndKeepWhatTheySay() throws {
    var anonymiser = try anonymiser()
    var random = SeededGenerator(seed: SeededGenerator.seed(for: "AnonymiserTests (MACs)"))
    var seen: [MACAddress: MACAddress] = [:]
    for _ in 0..<2000 {
      let mac = MACAddress(.random(in: 0 ... .max, using: &random))
      let changed = anonymiser.changed(mac)
      #expect(changed.isUnicast == mac.isUnicast && changed.redundancyProtocol == mac.redundancyProtocol)
      #expect(changed.octets[0] & 3 == mac.octets[0] & 3)
      if mac.isUnicast, mac.redundancyProtocol == nil { #expect(changed != mac) }
      #expect(seen.updateValue(mac, forKey: changed) ?? mac == mac)
    }
    for text in [
      "00:00:5e:00:01:0a", "00:00:0c:07:ac:01", "ff:ff:ff:ff:ff:ff", "12:34:56:78:9a:bc", "01:00:5e:00:00:12",
    ] {
      #expect(anonymiser.changed(try #require(MACAddress(text))).description == text)
    }
    for text in ["33:33:ff:12:34:56", "02:bf:0a:01:0a:0a"] {
      let changed = anonymiser.changed(try #require(MACAddress(text))).description
      #expect(changed.hasPrefix(text.prefix(5)) && changed != text)
    }
  }

  /// No address that could be told is left anywhere.
  @Test(arguments: Repository.captures.filter { $0.hasPrefix("traps/") })
  func noAddressIsLeft(path: String) throws {
    var anonymiser = try anonymiser()
    let before = try part(Repository.fixture(path))
    let after = anonymiser.changed(before, hasSight: false)
    let (old, new) = (addresses(before.evidence), addresses(after.evidence))
    for address in old where new.contains(address) {
      #expect(
        anonymiser.changed(address) == address || old.contains { anonymiser.changed($0) == address }, "\(address)")
    }
    #expect(new == Set(old.map { anonymiser.changed($0) }))
    #expect(after.evidence.flowCount == before.evidence.flowCount)
    #expect(after.evidence.claims.count == before.evidence.claims.count)
    #expect(after.evidence.errors.count == before.evidence.errors.count)
  }

  private func addresses(_ evidence: Evidence) -> Set<IPAddress> {
    var found: Set<IPAddress> = []
    evidence.forEachFlow { _, lower, higher, _, _ in found.formUnion([lower.address, higher.address]) }
    for claim in evidence.claims.keys {
      found.formUnion([claim.address, claim.askedFor, claim.speaker].compactMap(\.self))
    }
    for message in evidence.errors.keys {
      found.formUnion([message.from, message.error.quoted.source, message.error.quoted.destination])
      if let gateway = message.error.gateway { found.insert(gateway) }
    }
    for echo in evidence.echoes.keys { found.formUnion([echo.from, echo.to]) }
    for number in 0..<UInt32(evidence.links.count) {
      for layer in evidence.links[number].encapsulation.layers {
        found.formUnion([layer.source, layer.destination].compactMap(\.self))
      }
    }
    return found
  }
}
