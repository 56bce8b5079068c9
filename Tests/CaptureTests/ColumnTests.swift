import Capture
import TestSupport
import Testing
import Wire

/// The lines that tshark prints without `-T fields`, read as a capture. tshark 4.0.17 printed them, where nothing else is said.
@Suite struct ColumnTests {
  private let client = "06:ba:49:38:53:f0"
  private let balancer = "06:1f:8a:6c:8e:d2"
  private let backend = "06:d2:0a:b1:14:20"
  private var way: String { "\(client) > \(balancer)" }
  private var macs: String { "\(client) → \(balancer)" }
  private let ends = " 10.1.10.100 → 10.1.10.10  "
  private let options = "MSS=1460 SACK_PERM TSval=3625903490 TSecr=0 WS=128"
  private var syn: String { "37664 → 80 [SYN] Seq=0 Win=29200 Len=0 \(options)" }
  private var synRead: String { "10.1.10.100 37664 > 10.1.10.10 80 [S] seq ? ack ? length 0 ttl ?" }

  // MARK: Where the columns stand

  @Test func anyPlaceOfTheMACs() {
    let lines = [
      "    1   0.000000 \(macs) \(ends) TCP 74 \(syn)", "    1   0.000000 \(ends) \(macs) TCP 74 \(syn)",
      "    1   0.000000 \(ends) TCP 74 \(macs) \(syn)", "\(macs) \(ends) TCP 74 \(syn)",
      "    1   0.000000 \(balancer) ← \(client) \(ends) TCP 74 \(syn)",
      "    1   0.000000 \(client) -> \(balancer) 10.1.10.100 -> 10.1.10.10 TCP 74 \(syn)",
      // A column of ports.
      "    1   0.000000 \(macs) \(ends) 37664 80 TCP 74 \(syn)",
    ]
    for line in lines { #expect(packets("\(line)\n") == ["\(way) \(synRead)"], "\(line)") }
  }

  @Test(arguments: [
    "2019-10-30 01:30:02.577021", "2019/303 01:30:02.577021", "1572399002.577021",
  ])
  func timesWithTheirDay(time: String) {
    let times = read(Array("    1 \(time) \(macs) \(ends) TCP 74 \(syn)\n".utf8)).times
    #expect(times == [Timestamp(seconds: 1_572_399_002, nanoseconds: 577_021_000)])
  }

  @Test func timesSinceTheFirstFrame() {
    let line = { (time: String) in "    1 \(time) \(self.macs) \(self.ends) TCP 74 \(self.syn)\n" }
    let times = { (all: String...) in read(Array(all.map(line).joined().utf8)).times }
    #expect(
      times("0.000000", "1.500000") == [.init(seconds: 0, nanoseconds: 0), .init(seconds: 1, nanoseconds: 500_000_000)])
    // Since the frame before: as nothing else tells, they are none.
    #expect(Set(times("0.000000", "1.500000", "0.000100")).count == 1)
  }

  /// Which of two columns without an arrow is the sender's, a line of ARP tells, or a group's address.
  @Test func theOrderOfColumnsIsToldByOthers() {
    let arp = { (columns: String) in
      "1 0.000000 \(self.client) → ff:ff:ff:ff:ff:ff ARP 42 \(columns) Who has 10.1.10.10? Tell 10.1.10.100\n"
    }
    let answer = { (columns: String) in
      "2 0.000000 \(self.balancer) → \(self.client) ARP 42 \(columns) 10.1.10.10 is at \(self.balancer)\n"
    }
    let packet = { (columns: String) in "3 0.000000 \(self.ends) TCP 74 \(columns) \(self.syn)\n" }
    let forward = packet("\(client) \(balancer)")
    let back = packet("\(balancer) \(client)")
    #expect(packets(arp("\(client) ff:ff:ff:ff:ff:ff") + forward).last == "\(way) \(synRead)")
    #expect(packets(forward + arp("\(client) ff:ff:ff:ff:ff:ff")).first == "\(way) \(synRead)")
    #expect(packets(back + arp("ff:ff:ff:ff:ff:ff \(client)")).first == "\(way) \(synRead)")
    #expect(packets(forward + answer("\(balancer) \(client)")).first == "\(way) \(synRead)")
    // Nothing tells it.
    #expect(packets(forward) == [synRead])
    #expect(read(Array(forward.utf8)).interfaces.map(\.linkType) == [.bareColumns])
    let both = arp("\(client) ff:ff:ff:ff:ff:ff") + answer("\(client) \(balancer)")
    #expect(
      errorLine(Array(both.utf8))?.hasPrefix("F: line 2: expected the columns of MACs in the order as before") ?? false)
  }

  @Test func withoutMACs() {
    #expect(packets("    1   0.000000 \(ends) TCP 74 \(syn)\n") == [synRead])
    // Vendors in place of numbers.
    #expect(packets("    1   0.000000 Acme_38:53:f0 → Acme_6c:8e:d2 \(ends) TCP 74 \(syn)\n") == [synRead])
    // A cooked capture has the sender's alone.
    #expect(packets("    1   0.000000 \(client) →     \(ends) TCP 76 \(syn)\n") == ["\(client) > ? \(synRead)"])
    #expect(packets("    1   0.000000    →     \(ends) TCP 60 \(syn)\n") == [synRead])
  }

  // MARK: What is hidden

  /// VLAN tags and tunnels stand on no line: they make the frame longer.
  @Test(arguments: [78, 94, 110, 124, 73, 70])
  func aFrameThatIsLongerHidesSomething(length: Int) throws {
    let line = "    1   0.000000 \(macs) \(ends) TCP"
    let read = packets("\(line) 74 \(syn)\n\(line) \(length) \(syn)\n")
    #expect(read == ["\(way) \(synRead)", "\(way) nothing"])
    let error = try #require(errorLine(Array("\(line) \(length) \(syn)\n".utf8)))
    #expect(error.contains("a VLAN tag or a tunnel; give the file itself"), "\(error)")
  }

  @Test func moreThanOneLayerHasMACs() {
    let list = "\(client),\(balancer) \(balancer),\(backend)"
    #expect(
      packets("1 0.1 \(macs) \(ends) TCP 74 \(syn)\n2 0.2 \(ends) TCP 124 \(list) \(syn)\n").last == "nothing")
    // The columns of addresses and of hardware addresses say different things.
    let arp = "\(balancer) → \(backend) ARP 42 Who has 10.1.10.21? Tell 10.1.10.11"
    #expect(packets("1 0.1 \(macs) \(ends) TCP 74 \(syn)\n2 0.2 \(macs) \(arp)\n").last == "nothing")
  }

  /// What pads a frame may be a tag; whether tags are hidden, longer frames tell.
  @Test func paddedFramesBesideTags() throws {
    let ack = "1 0.1 \(macs) \(ends) TCP 60 37664 → 80 [ACK] Seq=1 Ack=1 Win=1 Len=0\n"
    let tagged = "2 0.2 \(macs) \(ends) TCP 78 \(syn)\n"
    #expect(packets(ack) == ["\(way) 10.1.10.100 37664 > 10.1.10.10 80 [.] seq ? ack ? length 0 ttl ?"])
    let error = try #require(errorLine(Array((ack + tagged).utf8)))
    #expect(error.contains("line 2: expected a frame as long as what is shown of it"))
    let line = "3 0.3 \(macs) \(ends) TCP 74 \(syn)\n"
    #expect(packets(tagged + ack + line) == ["\(way) nothing", "\(way) nothing", "\(way) \(synRead)"])
  }

  /// As every system lays them out.
  @Test(arguments: [
    ("SYN", "MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128", 74), ("SYN", "MSS=1460 SACK_PERM=1 WS=128", 66),
    // macOS, Windows.
    ("SYN", "MSS=1460 WS=64 TSval=1 TSecr=0 SACK_PERM", 78), ("SYN", "MSS=1460 WS=256 SACK_PERM", 66),
    ("SYN", "MSS=1460", 58), ("ACK", "", 54), ("ACK", "TSval=1 TSecr=0", 66), ("ACK", "SLE=1 SRE=2", 66),
    ("ACK", "SLE=1 SRE=2 SLE=4 SRE=5", 74), ("ACK", "TSval=1 TSecr=0 SLE=1 SRE=2", 78),
  ])
  func optionsFillTheHeader(flags: String, options: String, length: Int) {
    let line = { (length: Int) in
      "1 0.1 \(self.macs) \(self.ends) TCP \(length) 37664 → 80 [\(flags)] Seq=0 Ack=0 Win=1 Len=0 \(options)\n"
    }
    #expect(packets(line(length)).first?.hasSuffix("length 0 ttl ?") ?? false)
    #expect(packets(line(length) + line(length + 4)).last == "\(way) nothing")
  }

  // MARK: Words

  @Test(arguments: [
    "[TCP Retransmission] ", "[TCP Port numbers reused] ",
    "[TCP Previous segment not captured] [TCP Port numbers reused] ",
  ])
  func whatTsharkSaysInFront(words: String) {
    #expect(packets("1 0.1 \(macs) \(ends) TCP 74 \(words)\(syn)\n") == ["\(way) \(synRead)"])
  }

  @Test func namesOfPorts() {
    for ports in ["37664 → http(80)", "37664 → http", "37664→80", "37664 > http"] {
      #expect(
        packets("1 0.1 \(macs) \(ends) TCP 74 \(ports) [SYN] Seq=0 Win=1 Len=0 \(options)\n") == ["\(way) \(synRead)"])
    }
  }

  @Test func absoluteNumbersAreTold() {
    let read = packets(
      "1 0.1 \(macs) \(ends) TCP 54 1 → 80 [ACK] Seq=7 Ack=8 Win=1 Len=0\n"
        + "2 0.1 \(macs) \(ends) TCP 58 2 → 80 [SYN] Seq=1000 Win=1 Len=0 MSS=1460\n"
        + "3 0.1 \(macs) \(ends) TCP 54 2 → 80 [ACK] Seq=1001 Ack=5001 Win=1 Len=0\n")
    #expect(read.map { $0.contains("seq ?") } == [true, false, false])
    #expect(read.last?.hasSuffix("seq 1001 ack 5001 length 0 ttl ?") ?? false)
  }

  /// Their ports are nowhere.
  @Test(arguments: [
    "HTTP 143 GET /txt HTTP/1.1 ", "TCP 179 HTTP/1.1 200 OK  [TCP segment of a reassembled PDU]",
    "DNS 71 Standard query 0x1234 A dsr.example", "TLSv1.2 571 Client Hello",
    "IPv4 1514 Fragmented IP protocol (proto=UDP 17, off=0, ID=1234)",
    "TCP 60 37664 → 80[Packet size limited during capture]",
  ])
  func linesWithoutPortsAreCounted(words: String) {
    let text = "1 0.1 \(macs) \(ends) TCP 74 \(syn)\n2 0.1 \(macs) \(ends) \(words)\n"
    #expect(packets(text) == ["\(way) \(synRead)", "\(way) nothing"])
  }

  /// Numbers that count from 0 tell of no segment whether it answers another flow.
  @Test func anAnswerFromAnotherAddressIsNotRead() {
    let reset = "2 0.1 \(backend) → \(client) 10.1.10.21 → 10.1.10.100 TCP 54 80 → 37664 [RST] Seq=1 Win=1 Len=0\n"
    #expect(packets("1 0.1 \(macs) \(ends) TCP 74 \(syn)\n" + reset).last == "\(backend) > \(client) nothing")
    #expect(packets(reset).count == 1)
  }

  @Test func datagrams() {
    #expect(
      packets("1 0.1 \(macs) \(ends) UDP 94 4000 → 7000 Len=52\n")
        == ["\(way) 10.1.10.100 4000 > 10.1.10.10 7000 UDP length 52 ttl ?"])
  }

  @Test func claims() {
    let arp = { (words: String) in packets("1 0.1 \(self.macs) \(self.macs) ARP 42 \(words)\n") }
    #expect(arp("Who has 10.1.10.10? Tell 10.1.10.100") == ["\(way) who has 10.1.10.10 10.1.10.100 ?"])
    #expect(arp("Who has 10.1.10.10? (ARP Probe)") == ["\(way) who has 10.1.10.10 0.0.0.0 ?"])
    #expect(arp("10.1.10.10 is at \(backend)") == ["\(way) at \(backend) 10.1.10.10 ?"])
    #expect(
      arp("10.1.10.10 is at \(backend) (duplicate use of 10.1.10.10 detected!)") == [
        "\(way) at \(backend) 10.1.10.10 ?"
      ])
    #expect(arp("Gratuitous ARP for 10.1.10.10 (Request)") == ["\(way) who has 10.1.10.10 10.1.10.10 ?"])
    #expect(arp("Gratuitous ARP for 10.1.10.10 (Reply)") == ["\(way) at 00:00:00:00:00:00 10.1.10.10 ?"])
    #expect(arp("ARP Announcement for 10.1.10.10") == ["\(way) who has 10.1.10.10 10.1.10.10 ?"])
    let six = { (words: String) in packets("1 0.1 \(self.macs) fd00::1 → fd00::2 ICMPv6 86 \(words)\n") }
    #expect(six("Neighbor Solicitation for fd00::2 from \(client)") == ["\(way) solicitation fd00::2 \(client)"])
    #expect(
      six("Neighbor Advertisement fd00::2 (rtr, sol, ovr) is at \(backend)") == [
        "\(way) advertisement fd00::2 \(backend)"
      ])
    #expect(packets("1 0.1 \(macs) 10.1.10.11 → 224.0.0.18 VRRP 54 Announcement (v2)\n") == ["\(way) VRRP 0 0"])
    let virtual = "00:00:5e:00:01:33 → 01:00:5e:00:00:12"
    #expect(
      packets("1 0.1 \(virtual) 10.1.10.11 → 224.0.0.18 VRRP 46 Announcement (v3)\n").first?.hasSuffix("VRRP 51 0")
        ?? false)
  }

  @Test func errors() {
    let error = { (words: String) in packets("1 0.1 \(self.macs) \(self.ends) ICMP 70 \(words)\n") }
    #expect(
      error("Time-to-live exceeded (Time to live exceeded in transit)")
        == ["\(way) timeExceeded ? 10.1.10.10 0 > 0.0.0.0 0 mtu 0"])
    #expect(
      error("Destination unreachable (Port unreachable)") == ["\(way) unreachable ? 10.1.10.10 0 > 0.0.0.0 0 mtu 0"])
    #expect(
      error("Destination unreachable (Fragmentation needed)") == [
        "\(way) packetTooBig ? 10.1.10.10 0 > 0.0.0.0 0 mtu 0"
      ])
    #expect(error("Echo (ping) request  id=0x1, seq=1/256, ttl=64") == ["\(way) echo request"])
  }

  // MARK: What is none

  @Test func otherTextsAreNone() {
    for line in [
      "  -> 10.1.10.21:80               Route   1      0          0", "a → b → c 12 d", "1 2 3 4 5",
      "06:ba:49:38:53:f0 → 12", "10.1.10.100 → 10.1.10.10", "root → shell 12 x",
    ] {
      #expect(packets("\(line)\n").isEmpty, "\(line)")
    }
  }

  /// The line of a packet of tcpdump's is no place for one of tshark's, nor the other way round.
  @Test func textsAreOfOneProgram() {
    let packet =
      "12:00:00.1 \(way), ethertype IPv4 (0x0800), length 58: 10.1.10.100.4000 > 10.1.10.10.80: Flags [S], seq 1, win 1, length 0\n"
    let line = "1 0.1 \(macs) \(ends) TCP 74 \(syn)\n"
    #expect(packets(packet + line).count == 1)
    #expect(packets(line + packet).count == 1)
  }
}
