import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Checks

/// Who owned the VIP in a capture of an hour, of which the evidence keeps times to sixteen seconds alone.
@Suite struct LongCaptureTests {
  private let vip = ip("10.1.10.10")
  private let first = (mac: mac("06:00:00:00:00:01"), address: ip("10.1.10.11"))
  private let second = (mac: mac("06:00:00:00:00:02"), address: ip("10.1.10.12"))
  private let client = (mac: mac("06:00:00:00:00:03"), address: ip("10.1.10.100"))

  private func outcome(_ frames: [TimedFrame]) throws -> CheckResult.Outcome {
    var policy = Policy()
    policy.services = [ServicePattern(address: vip, transport: .tcp, port: 80)]
    let capture = CaptureContents(
      path: "hour.pcap",
      frames: frames.sorted { $0.time < $1.time }.map { (interface: 0, time: $0.time, bytes: $0.bytes) },
      linkTypes: [.ethernet])
    return try #require(judge(capture.evidence, under: policy).checks.first { $0.slug == "vip-owner-contested" })
      .outcome
  }

  private func time(_ second: Int, _ milliseconds: Int = 0) -> Timestamp {
    Timestamp(seconds: UInt32(1_709_294_400 + second), nanoseconds: UInt32(milliseconds * 1_000_000))
  }

  private func advertisements(by node: (mac: MACAddress, address: IPAddress), _ seconds: ClosedRange<Int>)
    -> [TimedFrame]
  {
    seconds.map {
      TimedFrame(.vrrpAdvertisement(virtualRouter: 9, addresses: [vip], by: node.address, at: node.mac), at: time($0))
    }
  }

  /// The client asks each ten seconds.
  private func answers(by owners: [MACAddress], _ seconds: StrideTo<Int>) -> [TimedFrame] {
    seconds.flatMap { second in
      [TimedFrame(.arpRequest(for: vip, by: client.mac, client.address), at: time(second))]
        + owners.enumerated().map { number, owner in
          TimedFrame(.arpReply(vip, isAt: owner, to: client.mac, client.address), at: time(second, number + 1))
        }
    }
  }

  @Test func `A failover and back between two speakers of VRRP is none of two masters at once`() throws {
    // The first preempts: it advertises a second after the other's last advertisement.
    let turns =
      advertisements(by: first, 0...1000) + advertisements(by: second, 1003...2000)
      + advertisements(by: first, 2001...3600)
    #expect(try outcome(turns) != .fail)
    let short =
      advertisements(by: first, 0...1000) + advertisements(by: second, 1003...1010)
      + advertisements(by: first, 1011...3600)
    #expect(try outcome(short) != .fail)
  }

  @Test func `Two masters all the time, or for a minute, contest the VIP`() throws {
    #expect(try outcome(advertisements(by: first, 0...3600) + advertisements(by: second, 0...3600)) == .fail)
    #expect(try outcome(advertisements(by: first, 0...3600) + advertisements(by: second, 1000...1060)) == .fail)
  }

  @Test func `Two MACs that answer each question contest the VIP, and two that answer one after the other do not`()
    throws
  {
    let both = [first.mac, second.mac]
    #expect(try outcome(answers(by: both, stride(from: 0, to: 3600, by: 10))) == .fail)
    let turns =
      answers(by: [first.mac], stride(from: 0, to: 1000, by: 10))
      + answers(by: [second.mac], stride(from: 1000, to: 2000, by: 10))
      + answers(by: [first.mac], stride(from: 2000, to: 3600, by: 10))
    #expect(try outcome(turns) != .fail)
    let short =
      answers(by: [first.mac], stride(from: 0, to: 1000, by: 10))
      + answers(by: [second.mac], stride(from: 1000, to: 1020, by: 10))
      + answers(by: [first.mac], stride(from: 1020, to: 3600, by: 10))
    #expect(try outcome(short) != .fail)
  }
}
