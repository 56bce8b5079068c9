import PacketBuilder
import TestSupport
import Testing
import Wire

@testable import Evidence

@Suite struct LinkTableTests {
  /// Of links without flows that show the same MACs one stays, and the same one in whatever order they were seen.
  @Test func theSameLinkStaysInWhateverOrder() throws {
    let links = try (0..<8).map { number in
      let layer = Encapsulation.Layer(.ipip, from: ip("10.0.0.\(number * 5 % 8)"), to: ip("10.0.1.1"))
      return Link(
        point: 0, source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02"),
        encapsulation: try #require(Encapsulation([layer], isOutside: false)))
    }
    for seen in [links, links.reversed(), links.sorted()] {
      var table = LinkTable(seed: 1)
      for link in seen {
        let packed = table.pack(link)
        _ = table.number(packed)
      }
      _ = table.keep(Array(repeating: false, count: seen.count), key: 0)
      #expect(table.packed.indices.map { table.link(UInt32($0)) } == [links.min()])
    }
  }
}
