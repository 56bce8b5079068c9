import Checks
import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

/// One capture whose interfaces see one direction each, as of two taps, proves what one that sees both does, or less.
@Suite struct DirectionsApartTests {
  private static let policies: [Policy] = {
    var named = Policy()
    named.services = [ServicePattern(address: ip("10.1.10.10")), ServicePattern(address: ip("fd00:10::10"))]
    var known = named
    known.balancerMACs = [Station.balancer]
    return [named, known]
  }()

  /// What the VIP sends stands at an interface of its own.
  private static func apart(_ capture: CaptureContents) -> CaptureContents {
    var capture = capture
    let addresses: [[UInt8]] = [[10, 1, 10, 10], [0xfd, 0, 0, 0x10] + Array(repeating: 0, count: 11) + [0x10]]
    capture.linkTypes.append(capture.linkTypes[0])
    capture.interfaces = ["tap0", "tap1"]
    capture.frames = capture.frames.map { frame in
      let packet = capture.bytes[frame.offset..<frame.offset + frame.capturedLength].dropFirst(14)
      let isReply = packet.dropFirst(12).starts(with: addresses[0]) || packet.dropFirst(8).starts(with: addresses[1])
      return Frame(
        offset: frame.offset, capturedLength: frame.capturedLength, wireLength: frame.wireLength, time: frame.time,
        interface: isReply ? 1 : 0, number: frame.number)
    }
    return capture
  }

  private static let captures = Repository.captures.filter {
    (try? CaptureContents(path: Repository.fixture($0)))?.linkTypes == [.ethernet]
  }

  @Test func mostAreJudgedAsTheWhole() throws {
    var (whole, same) = (0, 0)
    for path in Self.captures {
      let capture = try CaptureContents(path: Repository.fixture(path))
      for policy in Self.policies {
        let outcome = judge(capture.evidence, under: policy).outcome
        if outcome == .inconclusive { continue }
        whole += 1
        if judge(Self.apart(capture).evidence, under: policy).outcome == outcome { same += 1 }
      }
    }
    #expect(whole > 300 && same * 10 > whole * 9)
  }

  /// A mirror that loses frames: what leaves open there who balances is one interface's alone.
  private static let known = "traps/peer-in-same-place.pcap"

  @Test(arguments: captures.filter { $0 != known })
  func noneIsJudgedTheOtherWay(path: String) throws {
    let capture = try CaptureContents(path: Repository.fixture(path))
    for policy in Self.policies {
      let outcome = judge(capture.evidence, under: policy).outcome
      let apart = judge(Self.apart(capture).evidence, under: policy).outcome
      #expect(apart == outcome || apart == .inconclusive, "\(apart) in place of \(outcome)")
    }
  }
}
