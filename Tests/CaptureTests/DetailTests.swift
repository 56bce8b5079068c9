import Capture
import TestSupport
import Testing
import Wire

/// The details of packets, as tshark prints them with `-V` and Wireshark exports them. What no fixture shows: other versions, trees
/// that are closed, and what a packet carries.
@Suite struct DetailTests {
  private let way = "06:ba:49:38:53:f0 > 06:1f:8a:6c:8e:d2"
  private let link = "Ethernet II, Src: 06:ba:49:38:53:f0, Dst: 06:1f:8a:6c:8e:d2"
  private let synRead = "10.1.10.100 37664 > 10.1.10.10 80 [S] seq 2870136411 ack 0 length 0 ttl 64"

  private func frame(_ protocols: String, number: Int = 1, length: Int = 74) -> [String] {
    [
      "Frame \(number): \(length) bytes on wire (\(8 * length) bits), \(length) bytes captured (\(8 * length) bits)",
      "    Epoch Time: 1572399002.577021000 seconds", "    [Protocols in frame: \(protocols)]",
    ]
  }

  private let network = [
    "Internet Protocol Version 4, Src: 10.1.10.100, Dst: 10.1.10.10", "    0100 .... = Version: 4",
    "    Total Length: 60", "    Identification: 0x3c11 (15377)", "    010. .... = Flags: 0x2, Don't fragment",
    "    ...0 0000 0000 0000 = Fragment Offset: 0", "    Time to Live: 64", "    Protocol: TCP (6)",
  ]

  private let segment = [
    "Transmission Control Protocol, Src Port: 37664, Dst Port: 80, Seq: 0, Len: 0", "    [TCP Segment Len: 0]",
    "    Sequence Number: 0    (relative sequence number)", "    Sequence Number (raw): 2870136411",
    "    Acknowledgment Number: 0", "    Acknowledgment number (raw): 0",
    "    1010 .... = Header Length: 40 bytes (10)",
    "    Flags: 0x002 (SYN)",
  ]

  private func read(_ lines: [String]...) -> [String] {
    packets(lines.joined().map { $0 + "\n" }.joined())
  }

  private var whole: [String] { frame("eth:ethertype:ip:tcp") + [link] + network + segment }

  @Test func aSegmentIsReadWhole() {
    #expect(read(whole) == ["\(way) \(synRead)"])
  }

  /// Names in front of numbers, and the words of other versions.
  @Test func otherWordsForTheSame() {
    let named = link.replacing("06:ba:49:38:53:f0", with: "Vendor_38:53:f0 (06:ba:49:38:53:f0)")
    let ports = segment.map {
      $0.replacing("Src Port: 37664, Dst Port: 80", with: "Src Port: 37664 (37664), Dst Port: http (80)")
    }
    let old = network.map {
      $0.replacing("Src: 10.1.10.100,", with: "Src: client.example (10.1.10.100),")
        .replacing("Fragment Offset", with: "Fragment offset").replacing("to Live", with: "to live")
    }
    #expect(read(frame("eth:ethertype:ip:tcp"), [named], old, ports) == ["\(way) \(synRead)"])
    let first = { (line: String) in
      [line]
        + self.frame("eth:ethertype:ip:tcp").dropFirst().map { $0.replacing("Epoch Time", with: "Epoch Arrival Time") }
    }
    for line in ["Frame 1: Packet, 74 bytes on wire (592 bits)", "Frame 1 (74 bytes on wire, 74 bytes captured)"] {
      #expect(read(first(line), [link], network, segment) == ["\(way) \(synRead)"], "\(line)")
    }
  }

  /// Old versions print no numbers but those that count from 0.
  @Test func numbersThatCountFromNothingAreUnknown() {
    let segment = segment.filter { !$0.contains("(raw)") }
    #expect(
      read(frame("eth:ethertype:ip:tcp"), [link], network, segment) == [
        "\(way) 10.1.10.100 37664 > 10.1.10.10 80 [S] seq ? ack ? length 0 ttl 64"
      ])
  }

  /// Who is captured may write lines that look like a layer's: they stand further in.
  @Test func whatAPacketCarriesIsNoLayer() {
    let carried =
      ["Line-based text data (4 lines)"]
      + (["Frame 2: 74 bytes on wire (592 bits)", link] + network + segment).map { "    \($0)" }
    #expect(read(frame("eth:ethertype:ip:tcp"), [link], network, segment, carried) == ["\(way) \(synRead)"])
    // Where the layers are not those of the frame's own list nothing is read.
    for forged in [
      frame("eth:ethertype:ip:tcp") + [link] + network + segment + network,
      frame("eth:ethertype:ip:ip:tcp") + [link] + network + segment,
    ] {
      #expect(read(whole, forged) == ["\(way) \(synRead)", "\(way) nothing"])
      // Nothing else tells that the text is one of packets.
      #expect(read(forged) == [])
    }
  }

  /// One closed tree among open ones would lend its values to another.
  @Test func oneClosedTreeLeavesThePacketUnread() {
    for closed in 4..<network.count {
      let part = Array(network[..<closed])
      let shown = read(whole, frame("eth:ethertype:ip:tcp", number: 2), [link], part, segment)
      #expect(shown == ["\(way) \(synRead)", "\(way) nothing"], "\(closed)")
    }
  }

  @Test func fragmentsAreToldByTheirFlag() {
    for line in ["    001. .... = Flags: 0x1, More fragments", "        ..1. .... = More fragments: Set"] {
      let first = network.prefix(5) + [line] + network.dropFirst(5)
      let lines =
        frame("eth:ethertype:ip:data") + [link] + first.filter { !$0.contains("Flags: 0x2") || line.contains("Set") }
      let shown = read(lines, ["Data (40 bytes)"])
      #expect(shown.count == 1 && !shown[0].contains("37664"))
    }
  }

  /// A tunnel's inner frame has MACs of its own, and is told as in it.
  @Test func aTunnelIsKeptAroundItsFrame() {
    let tunnel = [
      "User Datagram Protocol, Src Port: 49351, Dst Port: 4789", "    Length: 90",
      "Virtual eXtensible Local Area Network", "    VXLAN Network Identifier (VNI): 42",
      "Ethernet II, Src: 06:00:00:00:00:01, Dst: 06:00:00:00:00:02",
    ]
    let outer = network.map { line in
      let changes = [
        ("Src: 10.1.10.100, Dst: 10.1.10.10", "Src: 10.9.0.1, Dst: 10.9.0.2"), ("TCP (6)", "UDP (17)"),
        (": 60", ": 110"),
      ]
      return changes.reduce(line) { $0.replacing($1.0, with: $1.1) }
    }
    let shown = read(
      frame("eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:tcp", length: 124), [link], outer, tunnel, network, segment)
    #expect(
      shown.count == 1
        && shown[0].hasPrefix("06:00:00:00:00:01 > 06:00:00:00:00:02 vxlan 42 10.1.10.100 37664 > 10.1.10.10 80 [S]"),
      "\(shown)")
  }

  // MARK: Closed trees

  private let closed = [
    "Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)",
    "Ethernet II, Src: 06:ba:49:38:53:f0 (06:ba:49:38:53:f0), Dst: 06:1f:8a:6c:8e:d2 (06:1f:8a:6c:8e:d2)",
    "Internet Protocol Version 4, Src: 10.1.10.100, Dst: 10.1.10.10",
    "Transmission Control Protocol, Src Port: 37664, Dst Port: 80, Seq: 0, Len: 0",
  ]

  private func list(_ info: String, number: Int = 1) -> [String] {
    [
      "No.     Time           Source                Destination           Protocol Length Info",
      "      \(number) 0.000000       10.1.10.100           10.1.10.10            \(info)", "",
    ]
  }

  @Test func closedTreesHaveTheirFlagsFromTheList() {
    let read = { (info: String, number: Int) in self.read(self.list(info, number: number), self.closed) }
    let known = ["\(way) 10.1.10.100 37664 > 10.1.10.10 80 [S] seq ? ack ? length 0 ttl ?"]
    #expect(read("TCP      74     37664 → 80 [SYN] Seq=0 Win=29200 Len=0", 1) == known)
    #expect(read("TCP      74     [TCP Retransmission] 37664 → 80 [SYN] Seq=0 Len=0", 1) == known)
    // Of another packet, of other ports, or without flags: what was cut looks like that.
    for (info, number) in [
      ("TCP      74     37664 → 80 [SYN] Seq=0 Len=0", 2), ("TCP      74     37665 → 80 [SYN] Seq=0 Len=0", 1),
      ("HTTP     74     GET / HTTP/1.1 ", 1),
      // What a client asks for may look like a line of the list.
      ("HTTP     74     TCP 74 37664 → 80 [SYN] Seq=0 HTTP/1.1 ", 1),
      ("HTTP     74     GET / TCP 74 37664 → 80 [SYN] Seq=0 HTTP/1.1 ", 1),
    ] {
      #expect(read(info, number) == ["\(way) protocol 6"], "\(info)")
    }
    let tagged = closed[..<2] + ["802.1Q Virtual LAN, PRI: 0, DEI: 0, ID: 20"] + closed[2...]
    #expect(
      self.read(list("TCP 78 37664 → 80 [SYN] Seq=0 Len=0"), Array(tagged)).first?.hasPrefix("\(way) vlan 20 ") == true)
    let asked = self.read(
      list("ARP 42 Who has 10.1.10.10? Tell 10.1.10.100"),
      [closed[0], closed[1], "Address Resolution Protocol (request)"])
    #expect(asked == ["\(way) who has 10.1.10.10 10.1.10.100 ?"])
    // A tunnel's closed tree does not say which it is.
    let hidden = closed[..<3] + ["Generic Routing Encapsulation (IP)"] + closed[2...]
    #expect(self.read(whole, list("TCP 98 37664 → 80 [SYN] Seq=0 Len=0"), Array(hidden)).last == "\(way) nothing")
  }
}
