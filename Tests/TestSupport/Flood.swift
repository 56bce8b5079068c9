public import Evidence
public import PacketBuilder
public import Wire

/// A flood of half-open connections beside a service that works.
public enum Flood {
  public static let clientIP = ip("10.1.10.100")
  public static let vip = ip("10.1.10.10")
  private static let start = Timestamp(seconds: 1_709_294_400, nanoseconds: 0)
  private static let toBalancer = Packet.ethernet(from: mac("06:ba:49:38:53:f0"), to: mac("06:1f:8a:6c:8e:d2"))
  private static let toClient = Packet.ethernet(from: mac("06:d2:0a:b1:14:20"), to: mac("06:ba:49:38:53:f0"))

  /// A SYN each of so many clients that say nothing more, 1 ms apart; a healthy flow comes each 100 of them.
  public static func frames(of count: Int, showsReplies: Bool = true) -> [TimedFrame] {
    var frames: [TimedFrame] = []
    for number in 0..<count {
      let time = start + .milliseconds(number)
      let client = IPAddress(v4: 0x1400_0000 + UInt32(number))
      let syn = toBalancer / .ip(from: client, to: vip, ttl: 50) / .tcp(from: 4_000, to: 80, flags: .syn)
      frames.append(TimedFrame(syn, at: time))
      guard number.isMultiple(of: 100) else { continue }
      var talk = Conversation(
        client: .init(clientIP, UInt16(20_000 + number / 100)), server: .init(vip, 80), at: time,
        requests: [Sighting(toBalancer)], replies: [Sighting(toClient)],
        clientSequence: 1_000, serverSequence: 5_000)
      talk.open()
      frames += talk.frames.filter { showsReplies || $0.bytes[..<6] == toBalancer.bytes[..<6] }
    }
    return frames
  }

  public static func capture(of count: Int, showsReplies: Bool = true) -> CaptureContents {
    CaptureContents(
      path: "flood.pcap",
      frames: frames(of: count, showsReplies: showsReplies).map { (interface: 0, time: $0.time, bytes: $0.bytes) },
      linkTypes: [.ethernet])
  }

  public static func evidence(of capture: CaptureContents, limit: Int?) -> Evidence {
    var evidence = Evidence(flowLimit: limit)
    for start in stride(from: 0, to: capture.frames.count, by: 500) {
      capture.observe(Array(capture.frames[start..<min(start + 500, capture.frames.count)]), into: &evidence)
    }
    capture.end(in: &evidence)
    return evidence
  }

  /// One flow that passes so many pairs of MACs, each twice; one in ten is of a reply.
  public static func crowded(links count: Int) -> CaptureContents {
    let packets = (0..<count * 2).map { number -> Packet in
      let link = UInt64(number % count)
      let ethernet = Packet.ethernet(from: MACAddress(0x0200_0000_0000 + link), to: MACAddress(0x0600_0000_0000 + link))
      if link.isMultiple(of: 10) {
        return ethernet / .ip(from: vip, to: clientIP) / .tcp(from: 80, to: 5_555, seq: UInt32(number))
      }
      return ethernet / .ip(from: clientIP, to: vip) / .tcp(from: 5_555, to: 80, seq: UInt32(number))
    }
    return CaptureContents(
      path: "crowded.pcap",
      frames: packets.enumerated().map { (interface: 0, time: start + .milliseconds($0), bytes: $1.bytes) },
      linkTypes: [.ethernet])
  }
}
