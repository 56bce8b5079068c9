import PacketBuilder
import Wire

extension Fixture {
  /// The conversation of the article "How to setup DSR in Kubernetes with BIG-IP". Its three frames are here as
  /// tcpdump printed them; what it left out ("…") is as the same hosts would have sent it, for tcpdump prints relative
  /// sequence numbers only for a flow whose SYN it saw.
  static let seed: [Fixture] = [
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80", .pass, .direct(1),
      "The article's conversation, captured at the client: BIG-IP nPath in front, a node un-NATs the pod's reply.",
      pcap(SeedConversation.frames)),
    Fixture(
      "seed.pcap", "", .inconclusive, .undecided(1),
      "The same without --vip: the service is found by its handshake, and nothing but two MACs says that it is balanced.",
      nil),
    Fixture(
      "seed-3frames.pcap", "--vip 10.1.10.10:80", .pass, .direct(1), "Only the three frames that the article prints.",
      pcap(Array(SeedConversation.frames[3...5]))),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --ipvs tables/seed/ipvsadm", .pass, .direct(1),
      "With the article's own table: it masquerades, as a node's does.", nil),
    Fixture(
      "seed.pcap",
      "--vip 10.1.10.10:80 --as3 tables/as3/seed.yaml --kubernetes tables/kubernetes/seed.yaml --ipvs tables/seed/ipvsadm",
      .pass, .direct(1), "With all that the article shows: declaration, Service, status and table.", nil),
    Fixture(
      "seed.pcap",
      "--vip 10.1.10.10:80 --as3 tables/as3/seed.yaml --kubernetes tables/kubernetes/cis-labels-incomplete.yaml", .fail,
      failing: ["pool-disagrees-with-cis", "cis-labels-incomplete"], .direct(1),
      "The Service lacks a label, so nothing fills the declaration's pool.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --ipvs tables/seed/ipvsadm --ipvs-role balancer", .fail,
      failing: ["ipvs-wrong-forwarding"], .direct(1), "The same, if the table were the balancer's.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/seed.yaml", .pass, .direct(1),
      "With the article's own ConfigMap.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/seed-with-service.yaml --ipvs tables/seed/ipvsadm", .pass,
      .direct(1), "With all that the article shows: Service, ConfigMap and table.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/seed-as-printed.txt", .pass, .direct(1),
      "The ConfigMap as the article prints it, in one line.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/F5001-bad.yaml", .fail,
      failing: ["translates-server-address"], .direct(1), "Its virtual server translates the address.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/F5004-bad.yaml", .fail, failing: ["strict-tcp-state"],
      .direct(1), "Its L4 profile is strict.", nil),
    Fixture(
      "seed.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/F5008-bad.yaml", .fail,
      failing: ["pool-disagrees-with-cis"], .direct(1), "The Service's labels name another pool.", nil),
    Fixture(
      "traps/vip-unowned-v4-bad.pcap", "--vip 10.1.10.10:80 --as3 tables/as3/F5009-bad.json", .fail,
      failing: ["vip-unowned", "virtual-address-answers-no-arp"], .direct(0),
      "The client asks for the VIP in vain, and BIG-IP is told not to answer.", nil),
  ]

  /// The same conversation beside the article's own Service, and beside one with a fault; and a node of the lab, whose
  /// address its ARP tells, beside its endpoints.
  static let seedBesideKubernetes: [Fixture] = {
    let line = { (path: String, file: String, verdict: Verdict, flows: Int, explanation: String) in
      Fixture(
        path, "--vip 10.1.10.10:80 --kubernetes tables/kubernetes/\(file).yaml", verdict,
        failing: verdict == .fail ? [file] : [], .direct(flows), explanation, nil)
    }
    let (seed, node) = ("seed.pcap", "lab/node-masq/client.pcap")
    let faults = [
      "traffic-policy-not-local", "load-balancer-ip-mismatch", "ingress-status-missing", "service-not-exposed",
      "strict-arp-off", "port-mismatch", "cis-labels-incomplete",
    ]
    return [
      line(seed, "seed", .pass, 1, "Beside the article's Service with its status and labels."),
      line(seed, "iptables-mode", .pass, 1, "kube-proxy's iptables mode translates without bearing the VIP."),
      line(node, "cluster", .pass, 6, "Beside all objects of its cluster, as kubectl prints them."),
      line(node, "no-local-endpoint", .fail, 6, "Beside a file with this fault alone."),
    ] + faults.map { line(seed, $0, .fail, 1, "Beside a file with this fault alone.") }
  }()
}

private enum SeedConversation {
  static let client = mac("06:ba:49:38:53:f0")
  static let balancer = mac("06:1f:8a:6c:8e:d2")
  static let node = mac("06:d2:0a:b1:14:20")
  static let clientStart: UInt32 = 2_870_136_411
  static let serverStart: UInt32 = 1_389_422_076

  static let request =
    "GET /txt HTTP/1.1\r\nHost: 10.1.10.10\r\nUser-Agent: curl/7.47.0\r\nAccept: */*\r\n\r\n"

  /// 626 bytes.
  static let reply: [UInt8] = {
    let head = """
      HTTP/1.1 200 OK\r
      Server: nginx/1.15.8\r
      Date: Wed, 30 Oct 2019 01:30:02 GMT\r
      Content-Type: text/plain\r
      Connection: keep-alive\r
      Content-Length:
      """
    let text = "Hello from my-frontend, served by a pod behind the VIP 10.1.10.10. "
    let length = 626 - head.utf8.count - " 000\r\n\r\n".utf8.count
    let body = String(String(repeating: text, count: 10).prefix(length - 1)) + "\n"
    return Array("\(head) \(length)\r\n\r\n\(body)".utf8)
  }()

  /// 2019-10-30 01:30:02 UTC, and so many microseconds.
  static func at(_ microseconds: UInt32) -> Timestamp {
    Timestamp(seconds: 1_572_399_002, nanoseconds: microseconds * 1000)
  }

  /// A frame of the client, or of the server, at sequence numbers counted from each side's SYN.
  static func frame(
    fromClient: Bool, _ time: UInt32, _ flags: TCPHeader.Flags, seq: UInt32, ack: UInt32, window: UInt16,
    value: UInt32, echo: UInt32, id: UInt16, _ payload: [UInt8] = []
  ) -> TimedFrame {
    let (here, there) = (ip("10.1.10.100"), ip("10.1.10.10"))
    let timestamps = TCPLayer.Option.timestamps(value: value, echo: echo)
    let options: [TCPLayer.Option] =
      flags.contains(.syn)
      ? [.maximumSegmentSize(1460), .selectiveAcknowledgmentPermitted, timestamps, .noOperation, .windowScale(7)]
      : [.noOperation, .noOperation, timestamps]
    let (mine, theirs) = fromClient ? (clientStart, serverStart) : (serverStart, clientStart)
    let acknowledged = flags.contains(.ack) ? theirs &+ ack : 0
    let segment = Packet.tcp(
      from: fromClient ? 37664 : 80, to: fromClient ? 80 : 37664, seq: mine &+ seq, ack: acknowledged, flags: flags,
      window: window, options: options, payload: payload)
    let packet =
      fromClient
      ? Packet.ethernet(from: client, to: balancer) / .ipv4(from: here, to: there, ttl: 64, id: id) / segment
      : Packet.ethernet(from: node, to: client) / .ipv4(from: there, to: here, ttl: 63, id: id) / segment
    return TimedFrame(packet, at: at(time))
  }

  static let frames: [TimedFrame] = [
    frame(
      fromClient: true, 577_021, .syn, seq: 0, ack: 0, window: 29200, value: 3_625_903_490, echo: 0, id: 0x3c11),
    frame(
      fromClient: false, 579_560, [.syn, .ack], seq: 0, ack: 1, window: 28960, value: 3_191_715_024,
      echo: 3_625_903_490, id: 0),
    frame(
      fromClient: true, 579_612, .ack, seq: 1, ack: 1, window: 229, value: 3_625_903_493, echo: 3_191_715_024,
      id: 0x3c12),
    frame(
      fromClient: true, 579_765, [.psh, .ack], seq: 1, ack: 1, window: 229, value: 3_625_903_493,
      echo: 3_191_715_024, id: 0x3c13, Array(request.utf8)),
    frame(
      fromClient: false, 582_457, .ack, seq: 1, ack: 78, window: 227, value: 3_191_715_027, echo: 3_625_903_493,
      id: 0x98b5),
    frame(
      fromClient: false, 584_176, [.psh, .ack], seq: 1, ack: 78, window: 227, value: 3_191_715_028,
      echo: 3_625_903_493, id: 0x98b6, reply),
    frame(
      fromClient: true, 584_203, .ack, seq: 78, ack: 627, window: 239, value: 3_625_903_497, echo: 3_191_715_028,
      id: 0x3c14),
    frame(
      fromClient: true, 584_466, [.fin, .ack], seq: 78, ack: 627, window: 239, value: 3_625_903_498,
      echo: 3_191_715_028, id: 0x3c15),
    frame(
      fromClient: false, 586_902, [.fin, .ack], seq: 627, ack: 79, window: 227, value: 3_191_715_031,
      echo: 3_625_903_498, id: 0x98b7),
    frame(
      fromClient: true, 586_929, .ack, seq: 79, ack: 628, window: 239, value: 3_625_903_500, echo: 3_191_715_031,
      id: 0x3c16),
  ]
}
