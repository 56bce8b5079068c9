import Evidence
import PacketBuilder
import TestSupport
import Testing
import Wire

@Suite struct ObservationTests {
  /// RFC 791: only the first fragment has the ports.
  @Test func laterFragmentsAreCountedAndBelongToNoFlow() {
    let datagram = Packet.udp(from: 53, to: 40001, payload: Array(repeating: 0x78, count: 3000))
      .bytes(within: Carrier(from: Scene.vip, to: Scene.clientIP))
    let parts = stride(from: 0, to: datagram.count, by: 1480).map { start in
      let part = Array(datagram[start..<min(start + 1480, datagram.count)])
      return Scene.toClient
        / .ipv4(
          from: Scene.vip, to: Scene.clientIP, id: 7, dontFragment: false,
          moreFragments: start + part.count < datagram.count, fragmentOffset: UInt16(start))
        / .payload(part, as: IPProtocol.udp)
    }
    let evidence = Scene.evidence(parts)
    #expect(parts.count == 3)
    #expect(evidence.captures.map(\.frames) == [3])
    #expect(evidence.captures.map(\.laterFragments) == [2])
    #expect(evidence.flowCount == 1)
    #expect(Scene.records(evidence, from: Scene.vip).map(\.frames) == [1])
    #expect(Scene.evidence(Array(parts.dropFirst())).flowCount == 0)
  }

  @Test func interfacesOfOneFileAreSeveralPoints() {
    var talk = Scene.conversation()
    talk.send(.syn, from: .client)
    let frames = (0..<2).map { (interface: $0, time: Scene.start, bytes: talk.frames[0].bytes) }
    let evidence = CaptureContents(path: "two.pcapng", frames: frames, linkTypes: [.ethernet, .ethernet]).evidence
    #expect(Set(evidence.points) == Set((0..<2).map { CapturePoint(capture: 0, interface: $0) }))
    #expect(evidence.flowCount == 1)
    #expect(evidence.links.count == 2)
    #expect(Scene.requests(evidence).map(\.frames) == [1, 1])
  }

  @Test func interfaceIndexesOfCookedFramesAreSeveralPoints() {
    let headers = [UInt32(3), 9, 3].map { Packet.sll2(.toUs, from: Scene.client, interface: $0) }
    let evidence = Scene.evidence(
      headers.map { $0 / .ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 37664, to: 80, flags: .syn) },
      .linuxSLL2)
    #expect(Set(evidence.points.map(\.interfaceIndex)) == [3, 9])
    #expect(evidence.flowCount == 1)
    #expect(Scene.requests(evidence).map(\.frames) == [2, 1])
    let links = Scene.requests(evidence).map { evidence.links[$0.link] }
    #expect(links.allSatisfy { $0.source == Scene.client && $0.destination == nil })
  }

  /// A link is a pair of MACs with VLAN and encapsulation: a change of any of them is another link.
  @Test func linksAreToldByMACsVLANAndTunnel() {
    let packet = Packet.ip(from: Scene.clientIP, to: Scene.vip) / .tcp(from: 37664, to: 80, flags: .syn)
    let outer = Packet.ip(from: Scene.balancerIP, to: ip("10.1.10.21"))
    let links = [
      Scene.toBalancer, Scene.toBackend, .ethernet(from: Scene.client, to: Scene.balancer, vlan: 10),
      .ethernet(from: Scene.client, to: Scene.balancer, vlan: 20), Scene.toBackend / outer,
      Scene.toBackend / outer / .gre(), Scene.toBackend / .ip(from: Scene.balancerIP, to: ip("10.1.10.22")),
    ]
    let evidence = Scene.evidence(links.map { $0 / packet } + links.map { $0 / packet })
    #expect(evidence.flowCount == 1)
    #expect(evidence.links.count == links.count)
    #expect(Scene.requests(evidence).map(\.frames) == Array(repeating: 2, count: links.count))
  }

  /// The key of a flow is its ends, not its direction: who sent first does not matter.
  @Test func halvesOfOneFlowMeetWhoeverSendsFirst() {
    var talk = Scene.conversation()
    talk.open()
    for frames in [talk.frames, talk.frames.reversed()] {
      let evidence = Scene.evidence(frames)
      #expect(evidence.flowCount == 1)
      #expect(Scene.requests(evidence).map(\.frames) == [2])
      #expect(Scene.records(evidence, from: Scene.vip).map(\.frames) == [1])
    }
  }

  @Test func protocolsAndPortsAreSeveralFlows() {
    let from = Scene.toBalancer / .ip(from: Scene.clientIP, to: Scene.vip)
    let evidence = Scene.evidence([
      from / .tcp(from: 40001, to: 53), from / .udp(from: 40001, to: 53), from / .tcp(from: 40002, to: 53),
      from / .tcp(from: 40001, to: 80),
    ])
    #expect(evidence.flowCount == 4)
  }

  @Test func anICMPErrorIsNotedWithWhatItQuotes() throws {
    var talk = Scene.conversation()
    talk.send(.syn, from: .client)
    let error =
      Scene.toClient / .ip(from: Scene.balancerIP, to: Scene.clientIP)
      / .icmpUnreachable(code: 3, quoting: talk.lastPacket(from: .client))
    let evidence = Scene.evidence([error, error])
    let (message, tally) = try #require(evidence.errors.first)
    #expect(evidence.errors.count == 1 && tally.frames == 2)
    #expect(message.from == Scene.balancerIP && message.source == Scene.backend)
    #expect(message.error.quoted.destination == Scene.vip)
    #expect(evidence.flowCount == 0, "a quotation is no frame of the flow")
  }

  /// One destination, two next hops: two messages.
  @Test func redirectsAreToldByTheGateway() {
    var talk = Scene.conversation()
    talk.send(.syn, from: .client)
    let packet = talk.lastPacket(from: .client)
    let redirects = ["10.1.10.11", "10.1.10.12"].map {
      Scene.toClient / .ip(from: Scene.balancerIP, to: Scene.clientIP) / .icmpRedirect(to: ip($0), quoting: packet)
    }
    let evidence = Scene.evidence(redirects + redirects)
    #expect(Set(evidence.errors.keys.map(\.error.gateway)) == [ip("10.1.10.11"), ip("10.1.10.12")])
    #expect(evidence.errors.keys.allSatisfy { $0.error.kind == .redirect && $0.error.quoted.destination == Scene.vip })
    #expect(evidence.errors.values.map(\.frames) == [2, 2])
  }

  @Test func redirectsOfICMPv6AreNotedWithAndWithoutAPacket() throws {
    let (router, other, server) = (ip("fe80::1"), ip("fe80::2"), ip("fd00:20::7"))
    let packet = Packet.ipv6(from: ip("fd00:10::100"), to: server) / .tcp(from: 37664, to: 80, flags: .syn)
    let way = Scene.toClient / .ipv6(from: router, to: ip("fd00:10::100"), hopLimit: 255)
    let quoting = Scene.evidence([way / .icmpv6Redirect(to: other, for: server, at: Scene.backend, quoting: packet)])
    let bare = Scene.evidence([way / .icmpv6Redirect(to: other, for: server)])
    let (long, short) = (try #require(quoting.errors.keys.first), try #require(bare.errors.keys.first))
    for message in [long, short] {
      #expect(message.from == router && message.error.kind == .redirect && message.error.gateway == other)
      #expect(message.error.quoted.destination == server)
    }
    #expect(long.error.quoted.sourcePort == 37664 && long.error.quoted.protocolNumber == 6)
    #expect(short.error.quoted.source == ip("::") && short.error.quoted.protocolNumber == 0)
  }

  @Test func framesThatReachOutsideTheBytesArePassedOver() {
    var evidence = Evidence()
    let capture = evidence.beginCapture(path: "lies.pcap")
    let bytes = [UInt8](repeating: 0, count: 60)
    let places = [(0, 61), (61, 0), (60, 1), (-1, 10), (0, -1), (Int.max, 1), (1, Int.max)]
    let frames =
      places.map {
        Frame(
          offset: $0.0, capturedLength: $0.1, wireLength: 60, time: Scene.start, interface: 0, number: 1)
      } + [
        Frame(offset: 0, capturedLength: 60, wireLength: 60, time: Scene.start, interface: 1, number: 1),
        Frame(offset: 0, capturedLength: 60, wireLength: 60, time: Scene.start, interface: -1, number: 1),
        Frame(offset: 0, capturedLength: 60, wireLength: 60, time: Scene.start, interface: 0, number: 1),
      ]
    evidence.observe(frames.span, in: bytes.span, capture: capture, linkTypes: [.ethernet])
    #expect(evidence.captures.map(\.frames) == [1])
    evidence.observe(frames.span, in: bytes.span, capture: 7, linkTypes: [.ethernet])
    #expect(evidence.captures.map(\.frames) == [1])
  }

  @Test func cutAndUndecodedFramesAreCounted() {
    var evidence = Evidence()
    let capture = evidence.beginCapture(path: "cut.pcap")
    let packet =
      Scene.toBalancer / .ip(from: Scene.clientIP, to: Scene.vip)
      / .tcp(from: 37664, to: 80, flags: .ack, payload: Array(repeating: 0, count: 100))
    // Whole, cut in the payload, cut in the TCP header before its flags.
    let frames = [packet.bytes.count, 60, 40].map {
      Frame(
        offset: 0, capturedLength: $0, wireLength: packet.bytes.count, time: Scene.start, interface: 0, number: 1)
    }
    evidence.observe(frames.span, in: packet.bytes.span, capture: capture, linkTypes: [.ethernet])
    #expect(evidence.captures.map(\.cutFrames) == [2])
    #expect(evidence.captures.map(\.undecodedFrames) == [1])
    #expect(evidence.captures.map(\.bytes) == [UInt64(3 * packet.bytes.count)])
    #expect(Scene.requests(evidence).map(\.frames) == [2])
    #expect(Scene.requests(evidence).map(\.payload) == [200], "payload is what the wire had")
  }
}
