import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing

@testable import EvidenceFile

/// Files that are torn, damaged, or made by somebody who means harm.
@Suite struct DamageTests {
  private static func file(_ paths: String...) throws -> EvidenceFile {
    EvidenceFile(try paths.map { try KeptCapture(part(Repository.fixture($0))) })
  }

  private func fault(_ bytes: [UInt8]) -> EvidenceFileError.Fault? {
    do throws(EvidenceFileError.Fault) {
      _ = try EvidenceFile(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func aTornFileSaysWhereAndWhatIsMissing() throws {
    let whole = try Self.file("seed.pcap").bytes
    let content = UInt64(whole.count - EvidenceHeader.length)
    for count in 0..<whole.count {
      switch fault(Array(whole.prefix(count))) {
      case .headerCutShort(0, EvidenceHeader.length, count)?: #expect(count < EvidenceHeader.length)
      case .cutShort(UInt64(EvidenceHeader.length), content, UInt64(count - EvidenceHeader.length))?:
        #expect(count >= EvidenceHeader.length)
      case let other: Issue.record("\(count): \(other.map(String.init(describing:)) ?? "read")")
      }
    }
    let torn = EvidenceFileError(path: "a.evidence", fault: try #require(fault(Array(whole.dropLast(3)))))
    #expect(
      torn.description
        == "a.evidence: cut short: expected \(content) bytes of evidence from offset 80 on, found \(content - 3); copy it again"
    )
  }

  @Test func aFileThatIsTornBetweenCapturesIsToldToo() throws {
    let whole = try Self.file("lab/route/client.pcap", "lab/route/switch.pcap")
    let first = EvidenceHeader.length + whole.captures[0].content.count
    #expect(fault(Array(whole.bytes.prefix(first))) == .capturesMissing(offset: UInt64(first), expected: 1))
    // The second, put before the first.
    let turned = Array(whole.bytes.dropFirst(first)) + whole.bytes.prefix(first)
    #expect(fault(turned) == .capturesMissing(offset: UInt64(whole.bytes.count), expected: 1))
  }

  @Test func filesBehindEachOtherAreOne() throws {
    let (one, other) = (try Self.file("seed.pcap"), try Self.file("lab/route/switch.pcap"))
    let both = EvidenceFile(one.captures + other.captures)
    #expect(try EvidenceFile(one.bytes + other.bytes).bytes == both.bytes)
    #expect(try EvidenceFile(other.bytes + one.bytes + both.bytes).bytes == both.bytes)
  }

  @Test func everyBitOfTheContentIsLookedAt() throws {
    let whole = try Self.file("lab/route/client.pcap").bytes
    for place in stride(from: 16, to: whole.count, by: 7) where !(20..<24).contains(place) {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(fault(damaged) != nil, "byte \(place)")
    }
    var newer = whole
    newer[16] = 2
    #expect(fault(newer) == .unsupportedVersion(offset: 0, found: 2))
  }

  /// Whoever can write a checksum can write anything.
  @Test func nothingThatHasTheRightChecksumTraps() throws {
    let seed = SeededGenerator.seed(for: "DamageTests")
    var random = SeededGenerator(seed: seed)
    let captures = try [
      "seed.pcap", "lab/route/switch.pcap", "traps/fhrp-vrrp-v6.pcap", "traps/several-routed-balancer.pcap",
    ].map { try KeptCapture(part(Repository.fixture($0))) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(10)
    let last = clock.now + .seconds(90)
    var (judged, refused) = (0, 0)
    while clock.now < deadline || clock.now < last && (judged < 20 || refused < 20) {
      let kept = try #require(captures.randomElement(using: &random))
      do throws(EvidenceFileError.Fault) {
        let harmed = try Self.harmed(kept, using: &random)
        let parts = try EvidenceFile(EvidenceFile([harmed]).bytes).captures[0].part
        let verdict = judge(Evidence.united([parts]), under: Policy())
        #expect(!verdict.reason.isEmpty && !verdict.textReport(color: false).isEmpty, "seed \(seed)")
        judged += 1
      } catch {
        #expect(!"\(error)".isEmpty)
        refused += 1
      }
    }
    print("DamageTests: \(judged) judged, \(refused) refused")
    #expect(judged >= 20 && refused >= 20)
  }

  /// The same with some bytes of its messages changed, and sealed anew.
  private static func harmed(
    _ kept: KeptCapture, using random: inout SeededGenerator
  ) throws(EvidenceFileError.Fault) -> KeptCapture {
    var messages = try kept.messages
    for index in messages.indices {
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: messages[index].indices, using: &random)
        messages[index][place] =
          Bool.random(using: &random) ? .random(in: 0 ... .max, using: &random) : messages[index][place] ^ 1
      }
    }
    return try kept.replacing(messages: messages)
  }
}
