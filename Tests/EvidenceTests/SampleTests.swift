import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

/// What is kept of claims, ICMP errors and the like where a flood brings more than there is room for.
@Suite struct SampleTests {
  private static let seed = SeededGenerator.seed(for: "SampleTests")
  private static let limit = 50
  private static let vip = ip("10.1.10.10")

  private static func claim(
    _ kind: Claim.Kind = .arpReply, of address: IPAddress, by mac: Int, asking asked: Int? = nil, point: Int = 0
  ) -> Claim {
    Claim(
      point: point, kind: kind, address: address, mac: MACAddress(0x0200_0000_0000 + UInt64(mac)),
      askedFor: asked.map { IPAddress(v4: 0x0a02_0000 + UInt32($0)) })
  }

  private static func other(_ number: Int) -> IPAddress { IPAddress(v4: 0x0a01_0b00 + UInt32(number)) }

  private static func tally(_ frame: Int) -> Tally {
    Tally(frame: UInt64(frame + 1), time: Scene.start + .milliseconds(frame))
  }

  private static func sample(of claims: [Claim], watched: Set<IPAddress> = []) -> Sample<Claim> {
    var sample = Sample<Claim>(limit: limit, watched: watched)
    for (frame, claim) in claims.enumerated() { sample.add(tally(frame), of: claim) }
    return sample
  }

  /// One host that asks for all others, and each of these claims its own address.
  private static let curious =
    (0..<500).map { claim(.arpSender, of: vip, by: 1, asking: $0) }
    + (0..<30).map { claim(of: other($0), by: 100 + $0) }

  /// So many MACs claim one address, and each of others has one owner.
  private static let contested =
    (0..<300).map { claim(of: vip, by: 1_000 + $0) } + (0..<20).map { claim(of: other($0), by: 100 + $0) }

  private static let everywhere = (0..<300).map { claim(of: other($0), by: 1_000 + $0) }

  @Test func oneOfEachKindIsKeptBeforeASecondOfAny() {
    let sample = Self.sample(of: Self.curious)
    let kept = sample.tallies.keys
    #expect(kept.count == Self.limit)
    #expect((0..<30).allSatisfy { number in kept.contains { $0.address == Self.other(number) } })
    #expect(kept.count { $0.address == Self.vip } == 20)
    #expect(sample.countedOnly == [0: 480])
    #expect(!sample.gaps.contains(Self.vip), "that it asks at all is kept")
  }

  @Test func aStormOnOneAddressLeavesTheOthersWhole() {
    let sample = Self.sample(of: Self.contested)
    let kept = sample.tallies.keys
    #expect((0..<20).allSatisfy { number in kept.contains { $0.address == Self.other(number) } })
    #expect(kept.count == Self.limit && sample.countedOnly == [0: 270])
    let gaps = sample.gaps
    #expect(gaps.contains(Self.vip))
    #expect((0..<30).allSatisfy { !gaps.contains(Self.other($0)) })
  }

  /// What was dropped is known to be missing, and of what is there nothing is.
  @Test func ofMoreAddressesThanThereIsRoomForSomeAreMissing() {
    let sample = Self.sample(of: Self.everywhere)
    let kept = Set(sample.tallies.keys.map(\.address))
    let gaps = sample.gaps
    #expect(kept.count == Self.limit)
    for number in 0..<300 {
      #expect(gaps.contains(Self.other(number)) != kept.contains(Self.other(number)), "\(number)")
    }
    #expect(!gaps.contains(Self.vip), "nobody claims it")
  }

  /// Whoever floods the network with claims on other addresses hides no claim on the VIP.
  @Test func ofAWatchedAddressNothingIsMissing() {
    let claims = Self.everywhere + [Self.claim(of: Self.vip, by: 1), Self.claim(.arpSender, of: Self.vip, by: 2)]
    for claims in [claims, claims.reversed()] {
      let sample = Self.sample(of: claims, watched: [Self.vip])
      #expect(sample.tallies.keys.count { $0.address == Self.vip } == 2)
      #expect(sample.tallies.count == Self.limit && !sample.gaps.contains(Self.vip))
      #expect(Self.sample(of: claims).gaps.contains(Self.vip), "it is dropped where nobody watches it")
    }
  }

  /// A storm on a watched address takes a part of the room, and is known to be cut.
  @Test func aStormOnAWatchedAddressLeavesTheOthersWhole() {
    let sample = Self.sample(of: Self.contested, watched: [Self.vip])
    let kept = sample.tallies.keys
    #expect((0..<20).allSatisfy { number in kept.contains { $0.address == Self.other(number) } })
    let gaps = sample.gaps
    #expect(gaps.contains(Self.vip) && (0..<30).allSatisfy { !gaps.contains(Self.other($0)) })
  }

  /// What was dropped before an address was watched is missing still.
  @Test func whatWasDroppedUnwatchedStaysMissing() {
    let claims = Self.everywhere + [Self.claim(of: Self.vip, by: 1)]
    let (watching, other) = (Self.sample(of: claims, watched: [Self.vip]), Self.sample(of: claims))
    for (one, other) in [(watching, other), (other, watching)] {
      var merged = one
      merged.merge(other, points: [0], behind: 0)
      #expect(merged.gaps.contains(Self.vip))
    }
    var counted = Sample<Claim>(limit: Self.limit, watched: [Self.vip])
    counted.addCountedOnly(1, at: 0)
    #expect(counted.gaps.contains(Self.vip))
  }

  /// What others said is missing still where an address that was watched is no more, as in an evidence file.
  @Test func roomThatWasKeptOnceHidesNothing() {
    let claims = Self.everywhere + [Self.claim(of: Self.vip, by: 1), Self.claim(.arpSender, of: Self.vip, by: 2)]
    let watching = Self.sample(of: claims, watched: [Self.vip])
    let kept = Set(watching.tallies.keys.map(\.address))
    var counted = Sample<Claim>(limit: Self.limit)
    counted.addCountedOnly(1, at: 0)
    var merged = watching
    merged.merge(counted, points: [0], behind: 0)
    for sample in [merged, watching.rewritten { $0 }] {
      #expect((0..<300).allSatisfy { kept.contains(Self.other($0)) || sample.gaps.contains(Self.other($0)) })
    }
    // Two samples that watched different addresses.
    var both = watching
    both.merge(Self.sample(of: claims, watched: [Self.other(7)]), points: [0], behind: 0)
    let held = Set(both.tallies.keys.map(\.address))
    #expect((0..<300).allSatisfy { held.contains(Self.other($0)) || both.gaps.contains(Self.other($0)) })
  }

  @Test func nothingIsMissingWhereThereIsRoom() {
    let sample = Self.sample(of: Array(Self.everywhere.prefix(Self.limit)))
    #expect(sample.tallies.count == Self.limit && sample.countedOnly.isEmpty)
    #expect(!sample.gaps.contains(Self.other(0)))
  }

  /// Of one thing that is seen at many points no other has to make room.
  @Test func pointsCountOnce() {
    let claims = (0..<Self.limit).flatMap { number in
      (0..<7).map { Self.claim(of: Self.other(number), by: number, point: $0) }
    }
    let sample = Self.sample(of: claims)
    #expect(sample.tallies.count == 7 * Self.limit && sample.countedOnly.isEmpty)
  }

  @Test(arguments: [curious, contested, everywhere])
  func aSampleIsTheSameInEveryOrder(claims: [Claim]) {
    aSampleIsTheSameInEveryOrder(claims, watched: [])
    aSampleIsTheSameInEveryOrder(claims, watched: [Self.vip, Self.other(7)])
  }

  private func aSampleIsTheSameInEveryOrder(_ claims: [Claim], watched: Set<IPAddress>) {
    var random = SeededGenerator(seed: Self.seed)
    let whole = Self.sample(of: claims, watched: watched)
    let seen = claims.enumerated().map { (tally: Self.tally($0.offset), claim: $0.element) }
    for _ in 0..<10 {
      var parts = (0..<5).map { _ in Sample<Claim>(limit: Self.limit, watched: watched) }
      for one in seen.shuffled(using: &random) {
        parts[Int.random(in: 0..<5, using: &random)].add(one.tally, of: one.claim)
      }
      var merged = Sample<Claim>(limit: Self.limit, watched: watched)
      for part in parts.shuffled(using: &random) { merged.merge(part, points: [0], behind: 0) }
      #expect(merged.tallies == whole.tallies, "seed \(Self.seed)")
      #expect(merged.countedOnly == whole.countedOnly, "seed \(Self.seed)")
      let (gaps, others) = (merged.gaps, whole.gaps)
      for address in [Self.vip] + (0..<300).map(Self.other) {
        #expect(gaps.contains(address) == others.contains(address), "\(address), seed \(Self.seed)")
      }
    }
  }

  /// Of what was dropped by other addresses nobody knows whether it is about these.
  @Test func behindOtherAddressesAnythingMayBeMissing() {
    // Of 80 more than there is room for are still held.
    for claims in [Self.everywhere, Array(Self.everywhere.prefix(80))] {
      let rewritten = Self.sample(of: claims).rewritten { claim in
        var claim = claim
        claim.address = IPAddress(v4: UInt32(truncatingIfNeeded: claim.address.low) ^ 0x5a00_0000)
        return claim
      }
      #expect(rewritten.tallies.count == Self.limit && rewritten.gaps.contains(Self.vip))
    }
  }
}

@Suite struct BloomFilterTests {
  @Test func itHasWhatIsInItAndHardlyAnythingElse() {
    var (one, other) = (BloomFilter(), BloomFilter())
    #expect(!one.mayContain(7))
    let hashes = (0..<20_000).map { number in
      var hash = StableHash()
      hash.add(UInt64(number))
      return hash.value
    }
    for hash in hashes[..<5_000] { one.insert(hash) }
    for hash in hashes[5_000..<10_000] { other.insert(hash) }
    one.formUnion(other)
    #expect(hashes[..<10_000].allSatisfy { one.mayContain($0) })
    #expect(hashes[10_000...].count { one.mayContain($0) } < 5)
    one.fill()
    #expect(hashes[10_000...].allSatisfy { one.mayContain($0) })
  }
}
