import Evidence
import Testing
import Wire

@testable import Simulator

/// What captures make of the frames: joined by cards, cut into files, taken at several places.
@Suite struct RecordingTests {
  private func playing(_ offload: Scenario.Offload?) -> Playing {
    Playing {
      $0.offload = offload
      $0.vantage = .balancer
      $0.flows = 4
    }
  }

  /// Frames and octets that come in and go out.
  private func counts(_ playing: Playing) -> (frames: [Int], octets: [Int]) {
    let requests = Recording(of: playing.network).entries.filter { $0.sent.datagram?.half == .request }
    let ways = [true, false].map { isIn in requests.filter { ($0.sent.receiverRole == .balancer) == isIn } }
    return (
      ways.map(\.count), ways.map { $0.reduce(0) { $0 + ($1.sent.datagram?.tcp?.payload ?? 0) } }
    )
  }

  @Test func `A card joins frames of one direction, and not one octet is lost`() {
    let (incoming, outgoing) = (counts(playing(.incoming)), counts(playing(.outgoing)))
    #expect(incoming.frames[0] < incoming.frames[1] && incoming.octets[0] == incoming.octets[1])
    #expect(outgoing.frames[0] > outgoing.frames[1] && outgoing.octets[0] == outgoing.octets[1])
  }

  @Test func `Large frames are longer than any MTU, and as long as IP allows`() {
    let long = Recording(of: playing(.incoming).network).entries.compactMap { $0.sent.datagram?.tcp?.payload }
    #expect(long.contains { $0 > 1448 } && long.allSatisfy { $0 <= 64_000 })
  }

  @Test func `The parts of a capture are the whole, and adjoin`() {
    let whole = Playing { $0.flows = 8 }
    let cut = Playing {
      $0.flows = 8
      $0.parts = 3
    }
    let (one, three) = (Recording.all(of: whole.network)[0].files, Recording.all(of: cut.network)[0].files)
    #expect(one.count == 1 && three.count == 3)
    // A pcap file has 24 bytes before its first frame.
    #expect(one[0].dropFirst(24) == three.flatMap { $0.dropFirst(24) }[...])
    let parts = Recording(of: cut.network).captureParts(number: 0)
    #expect(parts.count == 3)
    #expect(Evidence.united(parts).captures.count == 1)
  }

  @Test func `Captures of several places tell the same frames at other times`() throws {
    let playing = Playing {
      $0.companions = [.init(vantage: .mirror, stand: 0, clock: -7200), .init(vantage: .backend, stand: 0, clock: 3)]
    }
    let recordings = Recording.all(of: playing.network)
    #expect(recordings.count == 3)
    let evidence = Evidence.united(
      recordings.enumerated().flatMap { number, recording in recording.captureParts(number: number) })
    let firsts = try evidence.captures.map { try #require($0.firstTime) }
    #expect(abs(firsts[1].seconds(since: firsts[0]) + 7200) < 2 && abs(firsts[2].seconds(since: firsts[0]) - 3) < 2)
    let sightings = Sightings(recordings, playing.network)
    #expect(Set(sightings.flows.keys.map(\.capture)) == [0, 1, 2])
  }
}
