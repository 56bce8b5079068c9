import Testing

@testable import Evidence

/// Which names are those of one ring of files.
@Suite struct RingNameTests {
  @Test(arguments: [
    ("lb.pcap", "lb.pcap1"), ("lb.pcap1", "lb.pcap2"), ("lb.pcap00", "lb.pcap01"), ("d/lb.pcap9.gz", "d/lb.pcap10.gz"),
    ("lb_00001_20261128132838.pcapng", "lb_00002_20261128132938.pcapng"),
    ("lb_20261128132838_00001.pcap", "lb_20261128132938_00002.pcap"),
  ])
  func namesThatProgramsMake(one: String, other: String) throws {
    let name = try #require(RingName(path: one))
    #expect(name == RingName(path: other))
    #expect(name.style == .program)
  }

  @Test(arguments: [
    ("lb_00000.pcap", "lb_00001.pcap"), ("lb-20261128-132838.pcap", "lb-20261128-132938.pcap"),
    ("lb_13:28:38.pcap", "lb_13:29:38.pcap"), ("lb_1732800517.pcap.zst", "lb_1732800577.pcap.zst"),
  ])
  func namesWithACounterOrATime(one: String, other: String) throws {
    let name = try #require(RingName(path: one))
    #expect(name == RingName(path: other))
    #expect(name.style == .numbered)
  }

  @Test(arguments: [
    ("be1.pcap", "be2.pcap"), ("be-1.pcap", "be-2.pcap"), ("client.pcap", "lb.pcap"), ("node01.pcap", "node02.pcap"),
    ("lb1_00000.pcap", "lb2_00001.pcap"), ("a/lb_00000.pcap", "b/lb_00001.pcap"), ("lb.pcap1", "be.pcap2"),
  ])
  func namesOfSeveralPlaces(one: String, other: String) {
    let (a, b) = (RingName(path: one), RingName(path: other))
    #expect(a == nil || b == nil || a != b)
  }
}
