public import Wire

/// A client and a server talking, as one capture point sees it.
///
/// Each half of the conversation is seen at some links, none, one or several: a mirror sees a request once before the
/// balancer and once behind it, and the balancer itself sees no direct reply at all. Sequence numbers, identifications
/// and times keep themselves; what goes wrong on purpose is told frame by frame, and the links may change on the way.
///
///     var talk = Conversation(
///       client: .init("10.1.10.100", 37664), server: .init("10.1.10.10", 80), at: start,
///       requests: [Sighting(.ethernet(from: client, to: balancer))],
///       replies: [Sighting(.ethernet(from: backend, to: client))])
///     talk.open()
///     talk.request("GET / HTTP/1.1\r\n\r\n")
///     talk.reply("HTTP/1.1 204 No Content\r\n\r\n")
///     talk.close()
public struct Conversation: Sendable {
  public struct Peer: Sendable {
    public var address: IPAddress
    public var port: UInt16

    public init(_ address: IPAddress, _ port: UInt16) {
      self.address = address
      self.port = port
    }

    public init(_ address: String, _ port: UInt16) { self.init(ip(address), port) }
  }

  public enum Side: Sendable { case client, server }

  public let client: Peer
  public let server: Peer
  /// Where the client's frames are seen, in the order of their way.
  public var requests: [Sighting]
  /// Where the server's frames are seen, in the order of their way.
  public var replies: [Sighting]
  /// When the last frame was sent.
  public var clock: Timestamp
  /// The options of every segment but SYNs.
  public var options: [TCPLayer.Option] = []
  /// Whether IPv4 identifications count up, as most systems have them, or stay 0.
  public var identifies = true
  public private(set) var frames: [TimedFrame] = []

  private var clientState: SideState
  private var serverState: SideState

  private struct SideState: Sendable {
    /// The sequence number of the next byte.
    var next: UInt32
    var identification: UInt16
    /// What this side sent last, ready to be sent again.
    var last: Packet?
    var lastIsSYN = false
  }

  public init(
    client: Peer, server: Peer, at start: Timestamp, requests: [Sighting], replies: [Sighting],
    clientSequence: UInt32 = 1_000_000, serverSequence: UInt32 = 5_000_000
  ) {
    self.client = client
    self.server = server
    self.requests = requests
    self.replies = replies
    clock = start
    clientState = SideState(next: clientSequence, identification: 0x1000 &+ client.port)
    serverState = SideState(next: serverSequence, identification: 0x5000 &+ client.port)
  }

  // MARK: What conversations are made of

  /// The three-way handshake.
  public mutating func open() {
    send(.syn, from: .client)
    send([.syn, .ack], from: .server)
    send(.ack, from: .client)
  }

  /// The client sends, the server acknowledges.
  public mutating func request(_ payload: [UInt8]) {
    send([.psh, .ack], from: .client, payload)
    send(.ack, from: .server)
  }

  /// The server sends, the client acknowledges.
  public mutating func reply(_ payload: [UInt8]) {
    send([.psh, .ack], from: .server, payload)
    send(.ack, from: .client)
  }

  public mutating func request(_ text: String) { request(Array(text.utf8)) }
  public mutating func reply(_ text: String) { reply(Array(text.utf8)) }

  /// Both sides end it, the client first.
  public mutating func close() {
    send([.fin, .ack], from: .client)
    send([.fin, .ack], from: .server)
    send(.ack, from: .client)
  }

  /// The server refuses the client's SYN: RFC 9293 section 3.5.2, "SEQ=0, ACK=SEG.SEQ+SEG.LEN".
  public mutating func refuse() {
    serverState.next = 0
    send([.rst, .ack], from: .server, window: 0)
  }

  // MARK: Frame by frame

  /// One TCP segment, `pause` after what came before.
  public mutating func send(
    _ flags: TCPHeader.Flags, from side: Side, _ payload: [UInt8] = [], window: UInt16 = 502,
    after pause: Duration = .microseconds(200)
  ) {
    let from = side == .client ? client.port : server.port
    let to = side == .client ? server.port : client.port
    let acknowledged = side == .client ? serverState.next : clientState.next
    let segment = Packet.tcp(
      from: from, to: to, seq: self[side].next, ack: flags.contains(.ack) ? acknowledged : 0, flags: flags,
      window: window, options: flags.contains(.syn) ? Self.synOptions : options, payload: payload)
    self[side].next &+= UInt32(payload.count) + (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
    emit(segment, from: side, after: pause, isSYN: flags == .syn)
  }

  /// One UDP datagram, `pause` after what came before.
  public mutating func datagram(
    from side: Side, _ payload: [UInt8], after pause: Duration = .microseconds(200)
  ) {
    let from = side == .client ? client.port : server.port
    let to = side == .client ? server.port : client.port
    emit(.udp(from: from, to: to, payload: payload), from: side, after: pause)
  }

  /// What `side` sent last, once more.
  public mutating func resend(from side: Side, after pause: Duration) {
    guard let last = self[side].last else { return }
    emit(last, from: side, after: pause, isSYN: self[side].lastIsSYN)
  }

  /// The innermost packet that `side` sent last, as an ICMP error quotes it.
  public func lastPacket(from side: Side, ttl: UInt8 = 64) -> Packet {
    header(from: side, ttl: ttl, id: self[side].identification) / (self[side].last ?? Packet())
  }

  /// A frame that belongs to no half: an ICMP error, ARP.
  public mutating func interject(_ frame: Packet, after pause: Duration = .microseconds(50)) {
    clock = clock + pause
    frames.append(TimedFrame(frame, at: clock))
  }

  private static let synOptions: [TCPLayer.Option] = [
    .maximumSegmentSize(1460), .selectiveAcknowledgmentPermitted, .noOperation, .windowScale(7),
  ]

  private subscript(side: Side) -> SideState {
    get { side == .client ? clientState : serverState }
    set { if side == .client { clientState = newValue } else { serverState = newValue } }
  }

  private mutating func emit(
    _ transport: Packet, from side: Side, after pause: Duration, isSYN: Bool = false
  ) {
    clock = clock + pause
    if identifies { self[side].identification &+= 1 }
    self[side].last = transport
    self[side].lastIsSYN = isSYN
    for (index, sighting) in (side == .client ? requests : replies).enumerated() {
      let id = identifies ? self[side].identification : 0
      let header = header(
        from: side, ttl: sighting.ttl, id: id, at: sighting, option: isSYN ? sighting.synOption : [])
      let packet = sighting.link / header / transport
      frames.append(TimedFrame(packet, at: clock + .microseconds(15 * index)))
    }
  }

  private func header(
    from side: Side, ttl: UInt8, id: UInt16, at sighting: Sighting? = nil, option: [UInt8] = []
  ) -> Packet {
    let client = sighting?.client ?? client.address
    let server = sighting?.server ?? server.address
    let (from, to) = side == .client ? (client, server) : (server, client)
    if option.isEmpty { return .ip(from: from, to: to, ttl: ttl, id: id) }
    return from.version == .v4
      ? .ipv4(from: from, to: to, ttl: ttl, id: id, options: option)
      : .ipv6(from: from, to: to, hopLimit: ttl) / .ipv6Extension(IPv6ExtensionLayer.destinationOptions, option)
  }
}

/// A place where frames of one half of a conversation are seen.
public struct Sighting: Sendable {
  /// Everything before the conversation's own IP header: the frame, and a tunnel where there is one.
  public var link: Packet
  public var ttl: UInt8
  /// The addresses of the ends where a translator has changed them on the way to here; `nil` for their own.
  public var client: IPAddress?
  public var server: IPAddress?
  /// A SYN has this option, which names the VIP: an option of IPv4, or a destination option of IPv6.
  public var synOption: [UInt8] = []

  public init(
    _ link: Packet, ttl: UInt8 = 64, client: IPAddress? = nil, server: IPAddress? = nil, synOption: [UInt8] = []
  ) {
    self.synOption = synOption
    self.link = link
    self.ttl = ttl
    self.client = client
    self.server = server
  }
}
