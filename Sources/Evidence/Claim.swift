public import Wire

/// A MAC saying that it owns an address.
public struct Claim: Hashable, Sendable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// An ARP reply to who asked (RFC 826).
    case arpReply
    /// A gratuitous ARP request: sender and target address are the same (RFC 5227 section 3).
    case gratuitousRequest
    /// A gratuitous ARP reply.
    case gratuitousReply
    /// An ARP request for another address, which names the asker's own.
    case arpSender
    /// A solicited neighbour advertisement (RFC 4861 section 4.4).
    case advertisement
    /// An unsolicited one.
    case unsolicitedAdvertisement
    /// A neighbour solicitation, which names the asker's own address.
    case solicitationSender
    /// A VRRP advertisement that lists the address (RFC 9568).
    case vrrp

    /// An answer to a question.
    public var isAnswer: Bool { self == .arpReply || self == .advertisement }
    /// Said to everybody without being asked.
    public var isAnnouncement: Bool {
      self == .gratuitousRequest || self == .gratuitousReply || self == .unsolicitedAdvertisement
    }
    /// Said in passing, by asking for another address.
    public var isSender: Bool { self == .arpSender || self == .solicitationSender }
  }

  /// Index in `Evidence.points`.
  public var point: Int
  public var kind: Kind
  public var address: IPAddress
  public var mac: MACAddress
  /// The Ethernet source of the frame, which may be another: a virtual MAC is claimed from a router's own.
  public var sender: MACAddress?
  /// To whom an answer was given.
  public var receiver: MACAddress?
  /// The address that was asked for, where an asker named its own.
  public var askedFor: IPAddress?
  /// The virtual MAC of the router that a VRRP advertisement speaks for (RFC 9568 section 7.3).
  public var virtualMAC: MACAddress?
  /// The source address of a VRRP advertisement: it names the router that speaks, whatever virtual MAC it speaks from.
  public var speaker: IPAddress?
  /// The priority that a VRRP advertisement gives; 0 from a router that steps down (RFC 9568 section 5.2.4).
  public var priority: UInt8?
  /// The time between VRRP advertisements in milliseconds, as they give it.
  public var advertisementInterval: UInt32?
  public var vlan: VLANStack
  /// The network inside tunnels in which it was said.
  public var network: OverlayNetwork
  /// It was read from text that does not print all of it: of a question, or an advertisement, the hardware address inside,
  /// for which `mac` is the one that sent it; of VRRP the addresses, and of a router the prefixes, for which `address` is
  /// unspecified.
  public var isPartlyTold: Bool

  public init(
    point: Int, kind: Kind, address: IPAddress, mac: MACAddress, sender: MACAddress? = nil,
    receiver: MACAddress? = nil, askedFor: IPAddress? = nil, virtualMAC: MACAddress? = nil,
    speaker: IPAddress? = nil, priority: UInt8? = nil, advertisementInterval: UInt32? = nil,
    vlan: VLANStack = VLANStack(), network: OverlayNetwork = OverlayNetwork(), isPartlyTold: Bool = false
  ) {
    self.point = point
    self.kind = kind
    self.address = address
    self.mac = mac
    self.sender = sender
    self.receiver = receiver
    self.askedFor = askedFor
    self.virtualMAC = virtualMAC
    self.speaker = speaker
    self.priority = priority
    self.advertisementInterval = advertisementInterval
    self.vlan = vlan
    self.network = network
    self.isPartlyTold = isPartlyTold
  }
}

/// How often and when something was seen.
public struct Tally: Hashable, Sendable {
  public private(set) var frames: UInt64
  public private(set) var firstFrame: UInt64
  public private(set) var firstTime: Timestamp
  public private(set) var lastTime: Timestamp
  public private(set) var times: TimeSet
  /// Of ICMP errors: the lowest and the highest TCP sequence number that they quote.
  public private(set) var quotedSequences: ClosedRange<UInt32>?

  init(frame: UInt64, time: Timestamp, quotedSequence: UInt32? = nil) {
    quotedSequences = quotedSequence.map { $0...$0 }
    frames = 1
    firstFrame = frame
    firstTime = time
    lastTime = time
    times = TimeSet(time)
  }

  /// As it was kept; `nil` where it contradicts itself.
  package init?(
    frames: UInt64, firstFrame: UInt64, times span: (first: Timestamp, last: Timestamp), _ times: TimeSet,
    quotedSequences: (lowest: UInt32, highest: UInt32)? = nil
  ) {
    guard frames > 0, span.first <= span.last else { return nil }
    if let quotedSequences, quotedSequences.lowest > quotedSequences.highest { return nil }
    (self.frames, self.firstFrame) = (frames, firstFrame)
    (firstTime, lastTime, self.times) = (span.first, span.last, times)
    self.quotedSequences = quotedSequences.map { $0.lowest...$0.highest }
  }

  mutating func merge(_ other: Tally) {
    frames = frames.addingSaturated(other.frames)
    firstFrame = min(firstFrame, other.firstFrame)
    firstTime = min(firstTime, other.firstTime)
    lastTime = max(lastTime, other.lastTime)
    times.merge(other.times)
    if let others = other.quotedSequences {
      quotedSequences =
        quotedSequences.map {
          min($0.lowerBound, others.lowerBound)...max($0.upperBound, others.upperBound)
        } ?? others
    }
  }
}

extension Tally {
  /// The same where so many frames were captured before.
  func behind(_ earlierFrames: UInt64) -> Tally {
    var tally = self
    tally.firstFrame = firstFrame.addingSaturated(earlierFrames)
    return tally
  }

  /// The same by another clock.
  func shifted(byNanoseconds shift: Int64) -> Tally {
    var tally = self
    tally.firstTime = firstTime.shifted(byNanoseconds: shift)
    tally.lastTime = lastTime.shifted(byNanoseconds: shift)
    tally.times = times.shifted(byNanoseconds: shift)
    return tally
  }
}

/// An ICMP error that was seen, and about what.
public struct ErrorMessage: Hashable, Sendable {
  /// Index in `Evidence.points`.
  public var point: Int
  /// Who sent it.
  public var from: IPAddress
  public var source: MACAddress?
  public var destination: MACAddress?
  public var error: ICMPError

  package init(point: Int, from: IPAddress, source: MACAddress?, destination: MACAddress?, error: ICMPError) {
    (self.point, self.from) = (point, from)
    (self.source, self.destination, self.error) = (source, destination, error)
  }
}

extension Claim {
  /// The claims that a frame makes, added to `claims`.
  static func collect(
    from frame: Dissection, _ bytes: Span<UInt8>, point: Int, into add: (Claim) -> Void
  ) {
    let overlay = OverlayNetwork(frame.encapsulation)
    switch frame.content {
    case .arp(let arp):
      // A sender address of 0 asks before taking an address (RFC 5227 section 2.1.1): it claims nothing.
      guard !arp.senderIP.isUnspecified else { return }
      // Text does not tell the hardware address that a question names, tshark's lines nor that of a gratuitous answer: only who
      // sends it. Nor to whom an answer is given: only to whom it goes.
      let isPartlyTold = frame.isTranscribed && (arp.operation == 1 || arp.senderMAC == MACAddress(0))
      guard let mac = isPartlyTold ? frame.source : arp.senderMAC, mac.isUnicast else { return }
      let receiver = frame.isTranscribed ? frame.destination : arp.targetMAC
      let isGratuitous = arp.senderIP == arp.targetIP
      let kind: Kind
      switch (arp.operation, isGratuitous) {
      case (1, true): kind = .gratuitousRequest
      case (1, false): kind = .arpSender
      case (2, true): kind = .gratuitousReply
      case (2, false): kind = frame.destination == .broadcast ? .gratuitousReply : .arpReply
      default: return
      }
      add(
        Claim(
          point: point, kind: kind, address: arp.senderIP, mac: mac, sender: frame.source,
          receiver: kind == .arpReply ? receiver : nil, askedFor: kind == .arpSender ? arp.targetIP : nil,
          vlan: frame.vlan, network: overlay, isPartlyTold: isPartlyTold))
    case .neighborDiscovery(let message):
      guard let network = frame.network else { return }
      switch message.kind {
      case .advertisement:
        guard let mac = message.linkLayerAddress ?? frame.source, mac.isUnicast else { return }
        // Text tells flags and hardware address only with -v. Who answers sends to who asked (RFC 4861 section 7.2.4).
        let isPartlyTold = frame.isTranscribed && message.linkLayerAddress == nil
        let isAnswer = isPartlyTold ? frame.destination?.isUnicast ?? false : message.isSolicited
        add(
          Claim(
            point: point, kind: isAnswer ? .advertisement : .unsolicitedAdvertisement, address: message.target,
            mac: mac, sender: frame.source, receiver: isAnswer ? frame.destination : nil, vlan: frame.vlan,
            network: overlay, isPartlyTold: isPartlyTold))
      case .solicitation:
        guard !network.source.isUnspecified, let mac = message.linkLayerAddress ?? frame.source, mac.isUnicast
        else { return }
        add(
          Claim(
            point: point, kind: .solicitationSender, address: network.source, mac: mac, sender: frame.source,
            askedFor: message.target, vlan: frame.vlan, network: overlay,
            isPartlyTold: frame.isTranscribed && message.linkLayerAddress == nil))
      }
    case .vrrp(let advertisement):
      guard let mac = frame.source, mac.isUnicast else { return }
      let size = advertisement.addressVersion == .v4 ? 4 : 16
      let prefix: UInt64 = size == 4 ? 0x0000_5e00_0100 : 0x0000_5e00_0200
      var claim = Claim(
        point: point, kind: .vrrp, address: IPAddress(unspecified: advertisement.addressVersion), mac: mac, sender: mac,
        virtualMAC: MACAddress(prefix | UInt64(advertisement.virtualRouterID)), speaker: frame.network?.source,
        priority: advertisement.priority, advertisementInterval: advertisement.interval, vlan: frame.vlan,
        network: overlay)
      // Text tells the addresses only with -v.
      if frame.isTranscribed, advertisement.addresses.isEmpty {
        claim.isPartlyTold = true
        // tshark's lines do not even tell which virtual router it is.
        if advertisement.priority == 0, advertisement.virtualRouterID == 0 {
          (claim.virtualMAC, claim.priority) = (nil, nil)
        }
        return add(claim)
      }
      var offset = advertisement.addresses.lowerBound
      while offset &+ size <= min(advertisement.addresses.upperBound, bytes.count) {
        claim.address =
          size == 4
          ? IPAddress(v4: UInt32(truncatingIfNeeded: number(bytes, at: offset, count: 4)))
          : IPAddress(
            v6High: number(bytes, at: offset, count: 8), low: number(bytes, at: offset &+ 8, count: 8))
        add(claim)
        offset &+= size
      }
    case .routerAdvertisement(let advertisement):
      // A prefix that speaks against a network is told only with -v, as is the hop limit.
      guard frame.isTranscribed, frame.network?.hopLimit == 0, advertisement.options.isEmpty, let mac = frame.source,
        mac.isUnicast
      else { return }
      add(
        Claim(
          point: point, kind: .unsolicitedAdvertisement, address: IPAddress(unspecified: .v6), mac: mac, sender: mac,
          vlan: frame.vlan, network: overlay, isPartlyTold: true))
    default: return
    }
  }

  private static func number(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in offset..<offset + count { value = value << 8 | UInt64(bytes[index]) }
    return value
  }
}
