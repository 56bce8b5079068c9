import Capture
import Foundation
import TestSupport
import Testing
import Wire

/// What tcpdump 4.9 to 4.99 prints, read as a capture. Where a name says no version, 4.99.3 printed it.
@Suite struct TextTests {
  private let client = "06:ba:49:38:53:f0"
  private let balancer = "06:1f:8a:6c:8e:d2"
  private let backend = "06:d2:0a:b1:14:20"
  private var way: String { "\(client) > \(balancer)" }
  private var back: String { "\(backend) > \(client)" }

  // MARK: The article

  /// As it stands there: behind a prompt, on one line.
  private var article: String {
    "$ sudo tcpdump -i eth1 -nnn -e host 10.1.10.10 … 01:30:02.579765 \(way), ethertype IPv4 (0x0800), length 143: "
      + "10.1.10.100.37664 > 10.1.10.10.80: Flags [P.], seq 1:78, ack 1, win 229, options [nop,nop,TS val 3625903493 ecr "
      + "3191715024], length 77: HTTP: GET /txt HTTP/1.1 01:30:02.582457 \(back), ethertype IPv4 (0x0800), length 66: "
      + "10.1.10.10.80 > 10.1.10.100.37664: Flags [.], ack 78, win 227, options [nop,nop,TS val 3191715027 ecr 3625903493], "
      + "length 0 01:30:02.584176 \(back), ethertype IPv4 (0x0800), length 692: 10.1.10.10.80 > 10.1.10.100.37664: Flags [P.], "
      + "seq 1:627, ack 78, win 227, options [nop,nop,TS val 3191715028 ecr 3625903493], length 626: HTTP: HTTP/1.1 200 OK ...\n"
  }

  @Test func packetsBehindAPromptOnOneLine() {
    #expect(
      packets(article) == [
        "\(way) 10.1.10.100 37664 > 10.1.10.10 80 [P.] seq ? ack ? length 77 ttl ?",
        "\(back) 10.1.10.10 80 > 10.1.10.100 37664 [.] seq ? ack ? length 0 ttl ?",
        "\(back) 10.1.10.10 80 > 10.1.10.100 37664 [P.] seq ? ack ? length 626 ttl ?",
      ])
    let times = read(Array(article.utf8)).times.map(\.nanoseconds)
    #expect(times == [579_765_000, 582_457_000, 584_176_000])
  }

  // MARK: One packet a line

  private var syn: String {
    "10.1.10.100.4000 > 10.1.10.10.80: Flags [S], seq 1000, win 64240, options [mss 1460], length 0"
  }
  private var synRead: String { "10.1.10.100 4000 > 10.1.10.10 80 [S] seq 1000 ack 0 length 0 ttl ?" }

  @Test(arguments: [
    "12:00:00.000001 ", "", "1709294400.000001 ", " 00:00:00.000001 ", "2024-03-01 12:00:00.000001 ",
    "    1  12:00:00.000001 ", "    1  ",
  ])
  func everyTime(time: String) {
    #expect(packets("\(time)\(way), ethertype IPv4 (0x0800), length 58: \(syn)\n") == ["\(way) \(synRead)"])
  }

  /// Since the packet before, or since the first: nothing tells which.
  @Test func timesThatBeginAtMidnightAreNone() {
    let line = { (time: String) in " \(time) \(self.way), ethertype IPv4 (0x0800), length 58: \(self.syn)\n" }
    let contents = read(Array((line("00:00:00.000000") + line("00:00:07.000000") + line("00:00:01.000000")).utf8))
    #expect(contents.frames.count == 3 && Set(contents.times).count == 1)
  }

  @Test func theTimeOfADay() throws {
    let day = read(Array("2024-03-01 12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)\n".utf8))
    #expect(day.times.first == Timestamp(seconds: 1_709_294_400, nanoseconds: 1000))
  }

  @Test func aVendorBehindAMAC() {
    #expect(
      packets(
        "12:00:00.000001 \(client) (oui Unknown) > \(balancer) (oui Acme, Inc.), ethertype IPv4 (0x0800), length 58: \(syn)\n"
      ) == ["\(way) \(synRead)"])
  }

  /// What tcpdump printed before 4.0, and what BIG-IP 11 and Junos print. The link's length tells the options.
  @Test func segmentsOfEarlierVersions() {
    let text = """
      12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: 10.1.10.100.4000 > 10.1.10.10.80: S 1000:1000(0) win 64240 <mss 1460>
      12:00:00.000101 \(back), ethertype IPv4 (0x0800), length 58: 10.1.10.10.80 > 10.1.10.100.4000: S 5000:5000(0) ack 1001 win 65160 <mss 1460>
      12:00:00.000201 \(way), ethertype IPv4 (0x0800), length 54: 10.1.10.100.4000 > 10.1.10.10.80: . ack 1 win 502
      12:00:00.000301 \(way), ethertype IPv4 (0x0800), length 154: 10.1.10.100.4000 > 10.1.10.10.80: P 1:101(100) ack 1 win 502
      12:00:00.000401 \(back), ethertype IPv4 (0x0800), length 60: 10.1.10.10.80 > 10.1.10.100.4000: R 1:1(0) win 0

      """
    #expect(
      packets(text) == [
        "\(way) 10.1.10.100 4000 > 10.1.10.10 80 [S] seq 1000 ack 0 length 0 ttl ?",
        "\(back) 10.1.10.10 80 > 10.1.10.100 4000 [S.] seq 5000 ack 1001 length 0 ttl ?",
        "\(way) 10.1.10.100 4000 > 10.1.10.10 80 [.] seq ? ack 5001 length 0 ttl ?",
        "\(way) 10.1.10.100 4000 > 10.1.10.10 80 [P.] seq 1001 ack 5001 length 100 ttl ?",
        "\(back) 10.1.10.10 80 > 10.1.10.100 4000 [R] seq 1 ack 0 length 0 ttl ?",
      ])
  }

  @Test(arguments: [
    "(tos 0x0, ttl  64, id 1, offset 0, flags [DF], proto: TCP (6), length: 44) 10.1.10.100.4000 > 10.1.10.10.80: "
      + "S, cksum 0x1234 (correct), 1000:1000(0) win 64240 <mss 1460>",
    "10.1.10.100.4000 > 10.1.10.10.80: SWE [tcp sum ok] 1000:1000(0) win 64240 <mss 1460> in slot1/tmm0 lis=/Common/web",
  ])
  func earlierVersionsWithDetails(text: String) {
    let found = packets("12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(text)\n")
    #expect(found.count == 1 && found[0].hasPrefix("\(way) \(synRead.dropLast(5))"))
  }

  /// -q leaves out flags and numbers: a segment, and no datagram.
  @Test(arguments: ["ethertype IPv4 (0x0800)", "IPv4"])
  func segmentsPrintedQuickly(name: String) {
    let line = { (text: String) in
      "12:00:00.000001 \(self.way), \(name), length 143: 10.1.10.100.4000 > 10.1.10.10.80: \(text)\n"
    }
    let found = packets(line("tcp 77") + line("Flags [S], seq 1000, win 1, length 0"))
    #expect(found.count == 2 && !found[0].contains("UDP") && found[0].hasPrefix(way))
    #expect(packets(line("UDP, length 101")).allSatisfy { $0.contains("4000 > 10.1.10.10 80 UDP length 101") })
    #expect(packets("12:00:00.000001 IP 10.1.10.100.4000 > 10.1.10.10.80: tcp 0\n").allSatisfy { !$0.contains("UDP") })
  }

  /// What no earlier version prints of TCP stays a datagram.
  @Test(arguments: ["UDP, length 22", "UDP, length: 22", "1234+ A? a.example. (22)", "P 22", "S"])
  func datagramsStayDatagrams(text: String) {
    #expect(
      packets("12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 64: 10.1.10.100.4000 > 10.1.10.10.80: \(text)\n")
        == ["\(way) 10.1.10.100 4000 > 10.1.10.10 80 UDP length 22 ttl ?"])
  }

  @Test func addressResolutionOfEarlierVersions() {
    let link = ", ethertype ARP (0x0806), length 60: "
    #expect(
      packets(
        "12:00:00.000001 \(client) > Broadcast\(link)arp who-has 10.1.10.10 tell 10.1.10.100\n"
          + "12:00:00.000101 \(balancer) > \(client)\(link)arp reply 10.1.10.10 is-at \(balancer)\n")
        == packets(
          "12:00:00.000001 \(client) > Broadcast\(link)Request who-has 10.1.10.10 tell 10.1.10.100, length 46\n"
            + "12:00:00.000101 \(balancer) > \(client)\(link)Reply 10.1.10.10 is-at \(balancer), length 46\n"))
    #expect(packets("12:00:00.000001 arp who-has 10.1.10.10 tell 10.1.10.100\n").count == 1)
  }

  /// Of Junos with `layer2-headers`, and of macOS with -k.
  @Test(arguments: ["Out ", " In ", "(en0, proc curl:1234, svc BE, out, so) ", "(en0, in) "])
  func whatStandsBeforeTheMACs(text: String) {
    #expect(
      packets("12:00:00.000001 \(text)\(way), ethertype IPv4 (0x0800), length 58: \(syn)\n") == ["\(way) \(synRead)"])
  }

  @Test func withoutALinkNothingIsMadeUp() {
    #expect(packets("12:00:00.000001 IP \(syn)\n") == [synRead])
    #expect(packets("12:00:00.000001 AF IPv4 (2), length 56: \(syn)\n") == [synRead])
    #expect(read(Array("12:00:00.000001 IP \(syn)\n".utf8)).interfaces.map(\.linkType) == [.bareText])
  }

  @Test func cookedCapturesTellTheSenderAlone() {
    let read = ["\(client) > ? \(synRead)"]
    #expect(packets("12:00:00.000001  In \(client) ethertype IPv4 (0x0800), length 60: \(syn)\n") == read)
    #expect(
      packets("12:00:00.000001 eth0  In  ifindex 3 \(client) ethertype IPv4 (0x0800), length 64: \(syn)\n") == read)
    // The reading host's names.
    #expect(
      packets("12:00:00.000001 ?     Out ifindex 7 \(client) ethertype IPv4 (0x0800), length 64: \(syn)\n") == read)
    #expect(packets("12:00:00.000001 eth0  In  IP \(syn)\n") == [synRead])
  }

  @Test func tags() {
    let tagged = ["\(way) vlan 10 \(synRead)"]
    #expect(
      packets(
        "12:00:00.1 \(way), ethertype 802.1Q (0x8100), length 62: vlan 10, p 0, ethertype IPv4 (0x0800), \(syn)\n")
        == tagged)
    // 4.9.3 prints no number behind the tag.
    #expect(
      packets("12:00:00.1 \(way), ethertype 802.1Q (0x8100), length 62: vlan 10, p 0, ethertype IPv4, \(syn)\n")
        == tagged)
    #expect(
      packets(
        "12:00:00.1 \(way), ethertype 802.1Q-QinQ (0x88a8), length 66: vlan 100, p 0, ethertype 802.1Q (0x8100), vlan 10, p 0, "
          + "ethertype IPv4 (0x0800), \(syn)\n") == ["\(way) vlan 100/10 \(synRead)"])
  }

  // MARK: -v

  @Test func theTTLStandsBehindTheLinkHeader() {
    #expect(
      packets(
        """
        12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: (tos 0x0, ttl 63, id 1, offset 0, flags [DF], proto TCP (6), length 44)
            10.1.10.100.4000 > 10.1.10.10.80: Flags [S], cksum 0x1234 (correct), seq 1000, win 64240, options [mss 1460], length 0

        """) == ["\(way) 10.1.10.100 4000 > 10.1.10.10 80 [S] seq 1000 ack 0 length 0 ttl 63"])
  }

  @Test func whatAnErrorQuotesIsNoPacketOfItsOwn() {
    #expect(
      packets(
        """
        12:00:00.000001 \(back), ethertype IPv4 (0x0800), length 70: (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto ICMP (1), length 56)
            10.1.10.10 > 10.1.10.100: ICMP 10.1.10.10 tcp port 8080 unreachable, length 36
        \t(tos 0x0, ttl 61, id 1, offset 0, flags [DF], proto TCP (6), length 60)
            10.1.10.100.4000 > 10.1.10.10.8080:  [|tcp]

        """) == ["\(back) unreachable 6 10.1.10.100 4000 > 10.1.10.10 8080 mtu 0"])
  }

  @Test func anErrorWithoutItsQuotation() {
    let error = { (words: String) in
      packets(
        "12:00:00.1 \(self.back), ethertype IPv4 (0x0800), length 70: 10.1.10.1 > 10.1.10.100: ICMP \(words), length 36\n"
      )
    }
    #expect(
      error("10.1.10.10 tcp port 8080 unreachable") == ["\(back) unreachable 6 10.1.10.100 0 > 10.1.10.10 8080 mtu 0"])
    #expect(
      error("10.1.10.10 unreachable - need to frag (mtu 1480)")
        == ["\(back) packetTooBig ? 10.1.10.100 0 > 10.1.10.10 0 mtu 1480"])
    #expect(error("time exceeded in-transit") == ["\(back) timeExceeded ? 10.1.10.100 0 > 0.0.0.0 0 mtu 0"])
    #expect(
      error("redirect 10.1.10.10 to host 10.1.10.11") == ["\(back) redirect ? 10.1.10.100 0 > 10.1.10.10 0 mtu 0"])
    #expect(
      packets(
        "12:00:00.1 \(back), ethertype IPv6 (0x86dd), length 1294: fd00::1 > fd00::10: ICMP6, packet too big, mtu 1460, length 1240\n"
      ) == ["\(back) packetTooBig ? fd00::10 0 > :: 0 mtu 1460"])
  }

  @Test func aRoutersPrefixes() {
    let line = "12:00:00.1 \(back), ethertype IPv6 (0x86dd), length 110: "
    #expect(packets("\(line)fe80::1 > ff02::1: ICMP6, router advertisement, length 56\n") == ["\(back) router 0"])
    #expect(
      packets(
        """
        \(line)(hlim 255, next-header ICMPv6 (58) payload length: 56) fe80::1 > ff02::1: [icmp6 sum ok] ICMP6, router advertisement, length 56
        \thop limit 64, Flags [none], pref medium, router lifetime 1800s, reachable time 0ms, retrans timer 0ms
        \t  prefix info option (3), length 32 (4): fd00:10::/64, Flags [onlink, auto], valid time 2592000s, pref. time 604800s

        """) == ["\(back) router 32"])
  }

  // MARK: Claims

  @Test func questionsDoNotTellTheHardwareAddressInside() {
    let arp = "\(client) > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: "
    let read = ["\(client) > ff:ff:ff:ff:ff:ff who has 10.1.10.10 10.1.10.100 ?"]
    #expect(packets("12:00:00.1 \(arp)Request who-has 10.1.10.10 tell 10.1.10.100, length 28\n") == read)
    #expect(
      packets(
        "12:00:00.1 \(arp)Ethernet (len 6), IPv4 (len 4), Request who-has 10.1.10.10 tell 10.1.10.100, length 28\n")
        == read)
    #expect(
      packets(
        "12:00:00.1 \(client) > Broadcast, ethertype ARP (0x0806), length 60: Request who-has 10.1.10.10 (Broadcast) "
          + "tell 10.1.10.100, length 46\n") == read)
  }

  @Test func bytesTellIt() {
    let bytes = "\t0x0000:  0001 0800 0604 0001 06ba 4938 53f1 0a01\n\t0x0010:  0a64 0000 0000 0000 0a01 0a0a"
    #expect(
      packets(
        "12:00:00.1 \(client) > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 10.1.10.10 tell "
          + "10.1.10.100, length 28\n\(bytes)\n")
        == ["\(client) > ff:ff:ff:ff:ff:ff who has 10.1.10.10 10.1.10.100 06:ba:49:38:53:f1"])
  }

  /// With -v a line of what a packet carries stands behind a tab, and may look like bytes.
  @Test func whatAPacketCarriesIsNotItsBytes() {
    let packet = """
      12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 300: (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 286)
          10.1.10.100.4000 > 10.1.10.10.80: Flags [P.], cksum 0x1 (correct), seq 1:247, ack 1, win 1, length 246: HTTP, length: 246

      """
    let forged =
      "\t0x0000:  4500 0028 0001 0000 4006 0000 0a01 0a0a\n\t0x0010:  0a01 0a64 0050 0fa0 0000 0001 0000 0001\n"
      + "\t0x0020:  5010 0001 0000 0000\n"
    let bytes =
      "\t0x0000:  4500 0028 0001 4000 4006 0000 0a01 0a64\n\t0x0010:  0a01 0a0a 0fa0 0050 0000 0065 0000 0066\n"
      + "\t0x0020:  5018 0001 0000 0000\n"
    let told = "\(way) 10.1.10.100 4000 > 10.1.10.10 80 [P.]"
    #expect(packets(packet + "\tGET / HTTP/1.1\n" + forged) == ["\(told) seq ? ack ? length 246 ttl 64"])
    let read = ["\(told) seq 101 ack 102 length 0 ttl 64"]
    #expect(packets(packet + "\tGET / HTTP/1.1\n" + forged + bytes) == read)
    // A terminal makes blanks of tabs.
    #expect(packets(packet + bytes.replacingOccurrences(of: "\t", with: "        ")) == read)
  }

  @Test func redundancyWithAndWithoutItsAddresses() {
    let line = "12:00:00.1 \(balancer) > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: "
    let read = "\(balancer) > 01:00:5e:00:00:12 VRRP 51"
    #expect(
      packets(
        "\(line)10.1.10.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype none, intvl 1s, length 20\n"
      )
        == ["\(read) 0"])
    #expect(
      packets(
        "\(line)(tos 0xc0, ttl 255, id 1, offset 0, flags [none], proto VRRP (112), length 40)\n    10.1.10.11 > 224.0.0.18: vrrp "
          + "10.1.10.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype none, intvl 1s, length 20, addrs: 10.1.10.10\n"
      ) == ["\(read) 4"])
  }

  // MARK: Tunnels

  @Test func vxlanTakesTwoLines() {
    let outer = "\(way), ethertype IPv4 (0x0800), length 108: 10.1.10.11.40000 > 10.1.10.21."
    let inner = "\(balancer) > \(backend), ethertype IPv4 (0x0800), length 58: \(syn)"
    for time in ["12:00:00.000001 ", ""] {
      #expect(
        packets("\(time)\(outer)4789: VXLAN, flags [I] (0x08), vni 42\n\(inner)\n\(time)\(outer)9: UDP, length 3\n")
          == [
            "\(balancer) > \(backend) vxlan 42 \(synRead)",
            "\(way) 10.1.10.11 40000 > 10.1.10.21 9 UDP length 3 ttl ?",
          ])
      #expect(
        packets("\(time)\(outer)8472: OTV, flags [I] (0x08), overlay 0, instance 42\n\(inner)\n")
          == ["\(balancer) > \(backend) vxlan 42 \(synRead)"])
    }
  }

  /// What a packet carries does not make the next one its inner frame.
  @Test func wordsLikeVXLANsHideNoPacket() {
    let data = "10.1.10.100.4000 > 10.1.10.10.80: Flags [P.], seq 1:78, ack 1, win 229, length 77: HTTP: GET / vni 42"
    let lines =
      "\(way), ethertype IPv4 (0x0800), length 131: \(data)\n\(way), ethertype IPv4 (0x0800), length 58: \(syn)\n"
    #expect(packets(lines).count == 2)
  }

  // MARK: Numbers

  @Test func numbersAreToldBehindAHandshake() {
    let line = { (ends: String, words: String) in "12:00:00.1 \(ends), ethertype IPv4 (0x0800), length 58: \(words)\n" }
    let (to, from) = ("10.1.10.100.4000 > 10.1.10.10.80:", "10.1.10.10.80 > 10.1.10.100.4000:")
    let handshake =
      line(way, "\(to) Flags [S], seq 1000, win 1, length 0")
      + line(back, "\(from) Flags [S.], seq 5000, ack 1001, win 1, length 0")
    let read = packets(
      handshake + line(way, "\(to) Flags [.], ack 1, win 1, length 0")
        + line(way, "\(to) Flags [P.], seq 1:78, ack 1, win 1, length 77: HTTP: GET / HTTP/1.1"))
    #expect(
      read.map { String($0.dropFirst(38)) } == [
        "10.1.10.100 4000 > 10.1.10.10 80 [S] seq 1000 ack 0 length 0 ttl ?",
        "10.1.10.10 80 > 10.1.10.100 4000 [S.] seq 5000 ack 1001 length 0 ttl ?",
        "10.1.10.100 4000 > 10.1.10.10 80 [.] seq ? ack 5001 length 0 ttl ?",
        "10.1.10.100 4000 > 10.1.10.10 80 [P.] seq 1001 ack 5001 length 77 ttl ?",
      ])
    // -S prints them as they are.
    let absolute = packets(
      handshake + line(way, "\(to) Flags [P.], seq 1001:1078, ack 5001, win 1, length 77: HTTP: GET / HTTP/1.1"))
    #expect(absolute.last?.hasSuffix("[P.] seq 1001 ack 5001 length 77 ttl ?") ?? false)
  }

  /// The first of a flow that was under way is absolute, and the others are not: nobody knows which is which.
  @Test func numbersAreNotToldMidStream() {
    let line = { (numbers: String) in
      "12:00:00.1 \(self.way), ethertype IPv4 (0x0800), length 158: 10.1.10.100.4000 > 10.1.10.10.80: Flags [P.], \(numbers), "
        + "win 1, length 100: HTTP\n"
    }
    let read = packets(line("seq 5000:5100, ack 9000") + line("seq 0:100, ack 1"))
    #expect(read.count == 2 && read.allSatisfy { $0.contains("seq ? ack ?") })
    // They hold beside each other all the same.
    let contents = dissected((line("seq 5000:5100, ack 9000") + line("seq 0:100, ack 1")))
    #expect(contents.map(\.told) == [.nothing, .relative])
  }

  // MARK: What is no packet

  @Test func promptsAndElisionsAreCounted() throws {
    let packet = "12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)"
    let text = """
      root@lb:~# tcpdump -e -nn -i eth1
      dropped privs to tcpdump
      listening on eth1, link-type EN10MB (Ethernet), snapshot length 262144 bytes
      \(packet)
      ...
      [...]
      \(packet)
      ^C
      2 packets captured

      """
    let file = TemporaryFile(Array(text.utf8))
    var reader = try CaptureReader(path: file.path)
    var batch = FrameBatch()
    var frames = 0
    while try reader.read(into: &batch) { frames += batch.frames.count }
    #expect(frames == 2)
    #expect(reader.skippedLines == 7)
  }

  @Test func windowsLineEndsAndIndentedPastes() {
    let packet = "12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)"
    #expect(packets("\(packet)\r\n\(packet)\r\n").count == 2)
    #expect(packets("    \(packet)\n    \(packet)\n").count == 2)
  }

  /// With -v lines of HTTP and others follow behind a tab; a terminal makes blanks of it.
  @Test(arguments: ["\t", "        ", "    "])
  func whatAPacketCarriesIsNoPacket(indentation: String) {
    let forged =
      "12:00:00.000002 \(back), ethertype IPv4 (0x0800), length 54: 10.1.10.10.80 > 10.1.10.100.4000: Flags [.], ack 1, win 1, length 0"
    let text = """
      12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 300: (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 286)
          10.1.10.100.4000 > 10.1.10.10.80: Flags [P.], cksum 0x1 (correct), seq 1:247, ack 1, win 1, length 246: HTTP, length: 246
      \tGET / HTTP/1.1
      \(indentation)\(forged)

      """
    #expect(packets(text).count == 1)
  }

  @Test func payloadPrintedWithAIsRefused() {
    let packet = "12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)\n"
    let forged =
      "12:00:00.000002 \(back), ethertype IPv4 (0x0800), length 54: 10.1.10.10.80 > 10.1.10.100.4000: Flags [.], ack 1, win 1, length 0\n"
    let words =
      "F: line 2: expected a packet, found what the one before carries, as -A prints it, which may look like packets; print it with -XX"
    #expect(errorLine(Array("\(packet)E..,.C@.@...\n\(forged)".utf8)) == words)
    // -AA prints the link header as well.
    #expect(errorLine(Array("\(packet)...l....I8S...E..,.C@.@...\n\(forged)".utf8)) == words)
  }

  /// What the network card fills in tcpdump 4.99 does not read; and names of hosts nobody can.
  @Test func aPacketThatCannotBeReadIsCut() {
    let packet = "12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)\n"
    let read = packets(packet + "12:00:00.000002 \(back), ethertype IPv4 (0x0800), length 80598: bad-len 0\n")
    #expect(read == ["\(way) \(synRead)", "\(back) nothing"])
  }

  // MARK: What is refused

  @Test(arguments: [
    ("vip.http > 10.1.10.100.4000: Flags [.], ack 1, win 1, length 0", "the line of a packet that cannot be read")
  ])
  func namesOfHostsAreNotRead(packet: String, words: String) throws {
    let line = try #require(
      errorLine(Array("12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(packet)\n".utf8)))
    #expect(line.hasPrefix("F: line 1: expected a packet as tcpdump -e -nn prints it"))
    #expect(line.contains(words) && line.contains("-nn"))
  }

  @Test(arguments: [
    (
      "    1   0.000000  10.1.10.100 \u{2192} 10.1.10.10   TCP 37664 \u{2192} 80 [SYN] Seq=0 Win=29200 Len=0",
      "without the column Length"
    ),
    (
      "    1   0.000000  10.1.10.100 \u{2192} 10.1.10.10   TCP 37664 \u{2192} 80 Seq=0 Win=29200 Len=0",
      "without the column Length"
    ),
    (
      "    1   0.000000  10.1.10.100 \u{2192} 10.1.10.10   HTTP 74 GET / HTTP/1.1",
      "columns that are needed; give the file itself"
    ),
    ("Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)", "tshark -n -V"),
    ("        0x0000:  4500 003c 1c46 4000", "bytes without their packet"),
    ("IP Virtual Server version 1.2.1 (size=4096)", "--ipvs"),
    ("apiVersion: v1", "--kubernetes"),
    ("{\"class\": \"AS3\"}", "--as3"),
    ("    inet 10.1.10.10/32 scope global lo", "--host"),
    ("*filter", "--fwmark"),
    ("length 58: 10.1.10.100.4000 > 10.1.10.10.80: Flags [S], seq 1000", "part of a packet's line"),
  ])
  func otherTextsSayWhatTheyAreNearestTo(text: String, words: String) throws {
    let line = try #require(errorLine(Array("\(text)\nmore\n".utf8)))
    #expect(line.hasPrefix("F: line 1: expected a packet"), "\(line)")
    #expect(line.contains(words), "\(line)")
  }

  @Test func textOfNoKnownFormIsNoCapture() {
    #expect(
      errorLine(Array("root:x:0:0\n".utf8))
        == "F: not a capture: expected a pcap or pcapng magic number at offset 0, found 726f6f74 (\"root\")")
  }

  @Test func filtersAreForTcpdump() throws {
    let packet = "12:00:00.000001 \(way), ethertype IPv4 (0x0800), length 58: \(syn)\n"
    #expect(try #require(errorLine(Array(packet.utf8), filter: "tcp")).contains("give the filter to tcpdump"))
  }
}
