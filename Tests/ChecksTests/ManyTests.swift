import Evidence
import Testing
import Wire

@testable import Checks

/// What holds where there are thousands: the indices that keep judging linear give what looking at all would.
@Suite struct ManyTests {
  @Test func aListNamesFiveAndTheNumber() {
    #expect(listed([Int]()) { "\($0)" } == "")
    #expect(listed(1...5) { "\($0)" } == "1, 2, 3, 4, 5")
    #expect(listed(1...6) { "\($0)" } == "1, 2, 3, 4, 5 and 1 more")
    var asked = 0
    let text = listed(1...100_000, separator: " / ") { number in
      asked += 1
      return "\(number)"
    }
    #expect(text == "1 / 2 / 3 / 4 / 5 and 99995 more")
    #expect(asked == 5)
  }

  private static func patterns(_ address: IPAddress, ports: ClosedRange<UInt16>) -> [ServicePattern] {
    ports.map { ServicePattern(address: address, transport: .tcp, port: $0) }
  }

  /// Exact, of every port, of every protocol, of both, and another address: alone and among many.
  @Test(arguments: [UInt16(0), 100])
  func theIndexFindsWhatMatches(others: UInt16) {
    let (vip, other) = (IPAddress(v4: 0x0a01_0a0a), IPAddress(v4: 0x0a01_0a0b))
    let named =
      [
        ServicePattern(address: vip, transport: .tcp, port: 80),
        ServicePattern(address: vip, transport: .udp, port: 80),
        ServicePattern(address: vip, transport: .tcp), ServicePattern(address: vip, port: 53),
        ServicePattern(address: other),
      ] + Self.patterns(vip, ports: 1000...(1000 + others))
    let index = ServiceIndex(named, in: Evidence())
    for address in [vip, other, IPAddress(v4: 1)] {
      for transport in [TransportProtocol.tcp, .udp] {
        for port in [UInt16(53), 80, 1000, 1100, 1101] {
          let end = Endpoint(address: address, port: port)
          var found: [Int] = []
          index.forEachService(transport, end) { found.append($0) }
          let all = index.services.indices.filter { index.services[$0].matches(transport, end) }
          #expect(found.sorted() == all)
          #expect(index.isService(transport, end) == !all.isEmpty)
        }
      }
    }
  }

  /// Each set of devices of a small network, held against all of its pairs.
  @Test func pairsAreCountedOnce() {
    let devices = (1...4).map { Device(mac: MACAddress($0)) }
    let pairs = [(1, 2), (2, 1), (2, 3), (3, 3), (1, 2)].map { (0, devices[$0 - 1], devices[$1 - 1]) }
    let index = PairIndex(pairs)
    for bits in 0..<16 {
      let asked = Set(devices.indices.filter { bits & 1 << $0 != 0 }.map { devices[$0] })
      #expect(
        index.allTouch(asked, at: 0) == pairs.allSatisfy { asked.contains($0.1) || asked.contains($0.2) })
    }
    #expect(index.allTouch([], at: 1))
  }
}
