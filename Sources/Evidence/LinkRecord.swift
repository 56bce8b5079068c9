public import Wire

/// What was seen of one half of one flow at one hop.
///
/// Every field is a minimum, a maximum, a sum or a union over the frames, so records merge in any order: the record
/// of a whole capture equals the merge of those of its parts.
public struct LinkRecord: BitwiseCopyable, Sendable, Hashable {
  public var firstTime: Timestamp
  public var lastTime: Timestamp
  /// Index in `Evidence.links`.
  public var link: UInt32
  /// Counters saturate.
  public var frames: UInt32
  public var firstFrame: UInt32
  /// The smallest hash of a frame's invariant parts: those that a router or a balancer leaves as they are. Two links
  /// that carried the same frames have the same one.
  public var fingerprint: UInt32
  /// TCP, as plain numbers: the lowest sequence number of a SYN or SYN-ACK, where there is one, else of any segment; and the
  /// highest that a segment ends at.
  public var sequenceLow: UInt32
  public var sequenceHigh: UInt32
  /// Bytes of payload.
  public var payload: UInt32
  /// TCP, as plain numbers: the lowest and the highest acknowledgment number, resets apart.
  public var acknowledgmentLow: UInt32
  public var acknowledgmentHigh: UInt32
  public var kinds: Kinds
  /// The TTL or hop limit of the frame with the fingerprint; the least, where that frame passed again and again, as in a loop.
  public var hopLimit: UInt8
  /// TCP: SYNs or SYN-ACKs.
  public var synCount: UInt8

  /// The kinds of frames that were among them.
  public struct Kinds: OptionSet, BitwiseCopyable, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let syn = Kinds(rawValue: 1 << 0)
    public static let synAck = Kinds(rawValue: 1 << 1)
    public static let rst = Kinds(rawValue: 1 << 2)
    public static let fin = Kinds(rawValue: 1 << 3)
    public static let payload = Kinds(rawValue: 1 << 4)
    /// Acknowledges, and is neither SYN nor RST: its sender has heard the other side.
    public static let established = Kinds(rawValue: 1 << 5)
    /// RST and ACK with sequence number 0: the answer to a SYN that nobody listens for (RFC 9293 section 3.5.2).
    public static let refusal = Kinds(rawValue: 1 << 6)
    /// Anything but a RST.
    public static let notReset = Kinds(rawValue: 1 << 7)
    /// A segment lies before the SYN, or there are several: an earlier connection used the same ports.
    public static let severalConnections = Kinds(rawValue: 1 << 8)
    /// Initial sequence numbers differ: the 5-tuple was used by several connections, or answered by several hosts.
    public static let initialSequencesDiffer = Kinds(rawValue: 1 << 9)

    /// Without a branch: bare acknowledgments and data follow each other in no pattern.
    @inline(__always)
    static func payload(ofLength length: UInt32) -> Kinds {
      Kinds(rawValue: payload.rawValue &* (length > 0 ? 1 : 0))
    }

    /// A RST that is no refusal: it ends a connection.
    public static let abort = Kinds(rawValue: 1 << 12)
    /// An IP packet longer than 1,500 bytes, or left to the network card to cut up: an offload joins segments here, so
    /// the number of frames says nothing beside that of another link.
    public static let oversized = Kinds(rawValue: 1 << 13)

    /// Without a branch, as that of payload.
    @inline(__always)
    static func oversized(if isOversized: Bool) -> Kinds {
      Kinds(rawValue: oversized.rawValue &* (isOversized ? 1 : 0))
    }

    /// A SYN that bears an option with the VIP, from a balancer that translates its destination.
    public static let dsrOption = Kinds(rawValue: 1 << 14)

    /// The highest acknowledgment had been seen in an earlier stretch of time than the last frame: when, stands beside the
    /// record (`Evidence.acknowledgedSince`).
    public static let standing = Kinds(rawValue: 1 << 15)

    static let acknowledges = Kinds(rawValue: 1 << 10)
    /// UDP.
    package static let datagram = Kinds(rawValue: 1 << 11)
    /// Every bit that has a meaning.
    package static let known = Kinds(rawValue: .max)
    static let synchronizes: Kinds = [.syn, .synAck]
  }

  /// Stands for a half that was not seen, and for what of a record is not known yet.
  static let nothing = LinkRecord()

  package init() {
    firstTime = Timestamp(seconds: 0, nanoseconds: 0)
    lastTime = firstTime
    link = .max
    frames = 0
    firstFrame = 0
    fingerprint = 0
    sequenceLow = .max
    sequenceHigh = 0
    payload = 0
    acknowledgmentLow = .max
    acknowledgmentHigh = 0
    kinds = []
    hopLimit = 0
    synCount = 0
  }

  /// The record of a single TCP segment, at a link that has no number yet.
  @inline(__always)
  private init(
    _ flags: TCPHeader.Flags, sequence: UInt32, acknowledgment: UInt32, payloadLength: UInt32, hopLimit: UInt8,
    isOversized: Bool, _ frame: Frame
  ) {
    var kinds: Kinds = []
    if flags.contains(.rst) {
      kinds = flags.contains(.ack) && sequence == 0 ? [.rst, .refusal] : [.rst, .abort]
    } else {
      kinds = .notReset
      if flags.contains(.syn) {
        kinds.insert(flags.contains(.ack) ? [.synAck, .acknowledges] : .syn)
      } else if flags.contains(.ack) {
        kinds.insert([.established, .acknowledges])
      }
      if flags.contains(.fin) { kinds.insert(.fin) }
      kinds.formUnion(.payload(ofLength: payloadLength))
    }
    kinds.formUnion(.oversized(if: isOversized))
    let synchronizes = !kinds.isDisjoint(with: .synchronizes)
    firstTime = frame.time
    lastTime = frame.time
    link = .max
    frames = 1
    firstFrame = UInt32(clamping: frame.number)
    fingerprint = Self.fingerprint(
      UInt64(sequence) << 32 | UInt64(acknowledgment), UInt64(payloadLength) << 8 | UInt64(flags.rawValue))
    sequenceLow = sequence
    sequenceHigh = sequence.addingSaturated(payloadLength)
    payload = payloadLength
    acknowledgmentLow = kinds.contains(.acknowledges) ? acknowledgment : .max
    acknowledgmentHigh = kinds.contains(.acknowledges) ? acknowledgment : 0
    self.kinds = kinds
    self.hopLimit = hopLimit
    synCount = synchronizes ? 1 : 0
  }

  init(_ tcp: TCPHeader, _ network: IPHeader, _ frame: Frame) {
    self.init(
      tcp.flags, sequence: tcp.sequence, acknowledgment: tcp.acknowledgment, payloadLength: tcp.payloadLength,
      hopLimit: network.hopLimit, isOversized: network.isOversized, frame)
  }

  @inline(__always)
  init(_ segment: PlainSegment, _ frame: Frame) {
    self.init(
      segment.flags, sequence: segment.sequence, acknowledgment: segment.acknowledgment,
      payloadLength: segment.payloadLength, hopLimit: segment.hopLimit, isOversized: segment.isOversized, frame)
  }

  /// The record of a single UDP datagram. `content` stands for what it carries: its first bytes, or what else tells
  /// one datagram from the next.
  init(_ udp: UDPHeader, content: UInt64, _ network: IPHeader, _ frame: Frame) {
    self = .nothing
    firstTime = frame.time
    lastTime = frame.time
    frames = 1
    firstFrame = UInt32(clamping: frame.number)
    fingerprint = Self.fingerprint(content, UInt64(udp.payloadLength) << 32 | UInt64(network.identification))
    payload = udp.payloadLength
    kinds = [.datagram, .notReset, .payload(ofLength: udp.payloadLength), .oversized(if: network.isOversized)]
    hopLimit = network.hopLimit
  }

  /// The first of those that are given to frames of which text does not tell what is in them.
  private static let untold: UInt32 = 0xc000_0000

  /// Its fingerprint may be one that nothing of the frame went into. So may one in four of others be, of single frames.
  package var hasUntoldFingerprint: Bool { fingerprint >= Self.untold }

  /// Takes back what numbers say that text does not tell. The fingerprint is one that no other frame has, and comes behind
  /// those of others.
  mutating func forget(allBut told: Transcript.Told, _ frame: Frame) {
    let time = UInt64(frame.time.seconds) << 32 | UInt64(frame.time.nanoseconds)
    fingerprint = Self.fingerprint(frame.number, time) | Self.untold
    guard !kinds.contains(.datagram), told != .counted else { return }
    // A reset may refuse a connection, or end one.
    if told != .acknowledgment { kinds.subtract([.refusal, .abort]) }
    if told == .relative { return }
    (sequenceLow, sequenceHigh) = (.max, 0)
    payload = 0
    if told == .acknowledgment || told == .relativeAcknowledgment { return }
    (acknowledgmentLow, acknowledgmentHigh) = (.max, 0)
    kinds.remove(.acknowledges)
  }

  @inline(__always)
  private static func fingerprint(_ a: UInt64, _ b: UInt64) -> UInt32 {
    let mixed = mix(a, b)
    return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
  }

  /// Adds what `other`, of the same half at the same link, has seen.
  @inline(__always)
  mutating func merge(_ other: LinkRecord) {
    mergeSequences(other)
    kinds.formUnion(other.kinds)
    if other.firstTime < firstTime { firstTime = other.firstTime }
    if lastTime < other.lastTime { lastTime = other.lastTime }
    frames = frames.addingSaturated(other.frames)
    firstFrame = min(firstFrame, other.firstFrame)
    if other.fingerprint < fingerprint || other.fingerprint == fingerprint && other.hopLimit < hopLimit {
      fingerprint = other.fingerprint
      hopLimit = other.hopLimit
    }
    payload = payload.addingSaturated(other.payload)
    acknowledgmentLow = min(acknowledgmentLow, other.acknowledgmentLow)
    acknowledgmentHigh = max(acknowledgmentHigh, other.acknowledgmentHigh)
    synCount = synCount.addingSaturated(other.synCount)
  }

  /// The same where so many frames were captured before.
  func behind(_ earlierFrames: UInt64) -> LinkRecord {
    var record = self
    record.firstFrame = firstFrame.addingSaturated(UInt32(clamping: earlierFrames))
    return record
  }

  /// Has to come before the kinds and SYNs of `other` are added.
  @inline(__always)
  private mutating func mergeSequences(_ other: LinkRecord) {
    sequenceHigh = max(sequenceHigh, other.sequenceHigh)
    // Few frames are SYNs, so this branch is nearly always guessed right.
    if (synCount > 0) == (other.synCount > 0) {
      if synCount > 0, sequenceLow != other.sequenceLow {
        kinds.insert([.initialSequencesDiffer, .severalConnections])
      }
      sequenceLow = min(sequenceLow, other.sequenceLow)
    } else {
      let (initial, lowest) = synCount > 0 ? (sequenceLow, other.sequenceLow) : (other.sequenceLow, sequenceLow)
      if lowest < initial { kinds.insert(.severalConnections) }
      sequenceLow = initial
    }
  }

  /// Both have SYNs, and not all of these have one initial sequence number.
  @inline(__always)
  func isOfOtherConnection(than other: LinkRecord) -> Bool {
    synCount > 0 && other.synCount > 0
      && (sequenceLow != other.sequenceLow || kinds.union(other.kinds).contains(.initialSequencesDiffer))
  }

  /// TCP: the lowest sequence number of a SYN or SYN-ACK; `nil` where there is none.
  public var initialSequence: UInt32? { synCount > 0 ? sequenceLow : nil }

  /// TCP: text tells the sequence number of none of its segments.
  public var hasUntoldSequence: Bool { sequenceLow > sequenceHigh && !kinds.contains(.datagram) }

  /// Acknowledgment numbers differ: the sender has heard ever more.
  public var hasAcknowledgedMore: Bool { acknowledgmentLow < acknowledgmentHigh }

  /// At least this many bytes of payload were sent more than once (TCP). Bytes that the capture missed lower it.
  public var resentBytes: UInt32 {
    guard sequenceHigh >= sequenceLow, payload < .max, !kinds.contains(.severalConnections) else { return 0 }
    let span = sequenceHigh - sequenceLow
    return payload > span ? payload - span : 0
  }

  /// All frames are resets.
  public var isResetOnly: Bool { !kinds.contains(.notReset) }
}

extension FixedWidthInteger {
  func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
