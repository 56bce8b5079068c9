import Evidence
import Report
import Testing
import Wire

/// The TCP and UDP examples of the specification's baseline data (community-id-spec, baseline_deflt.json).
@Suite struct CommunityIDTests {
  @Test(arguments: [
    (
      TransportProtocol.tcp, "128.232.110.120", UInt16(34855), "66.35.250.204", UInt16(80),
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
    ),
    (.udp, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
    (
      .tcp, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25,
      "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="
    ),
  ])
  func equalsTheSpecificationInBothDirections(
    transport: TransportProtocol, source: String, sourcePort: UInt16, destination: String, destinationPort: UInt16,
    expected: String
  ) throws {
    let a = Endpoint(address: try #require(IPAddress(source)), port: sourcePort)
    let b = Endpoint(address: try #require(IPAddress(destination)), port: destinationPort)
    #expect(Flow(transport: transport, client: a, server: b).communityID == expected)
    #expect(Flow(transport: transport, client: b, server: a).communityID == expected)
  }
}
