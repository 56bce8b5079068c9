import Evidence
import Wire

/// What both ends of one TCP flow said to each other, as far as one capture point shows: whether it got on.
struct Exchange {
  private(set) var request = Side()
  private(set) var reply = Side()

  init(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links, at point: Int,
    acknowledgedSince: (LinkRecord) -> Timestamp
  ) {
    for index in requests.indices where links.point(of: requests[index].link) == point {
      request.add(requests[index], acknowledgedSince(requests[index]))
    }
    for index in replies.indices where links.point(of: replies[index].link) == point {
      reply.add(replies[index], replies[index].lastTime)
    }
  }

  /// At each point that shows requests of a flow, whose records are in the points' order.
  static func byPoint(
    _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>, _ links: Evidence.Links,
    acknowledgedSince: (LinkRecord) -> Timestamp
  ) -> [(point: Int, exchange: Exchange)] {
    var found: [(point: Int, exchange: Exchange)] = []
    for index in requests.indices {
      let point = links.point(of: requests[index].link)
      if let last = found.last, last.point == point { continue }
      found.append((point, Exchange(requests, replies, links, at: point, acknowledgedSince: acknowledgedSince)))
    }
    return found
  }

  /// What one end sent, over all links of the point.
  struct Side {
    private(set) var kinds: LinkRecord.Kinds = []
    private(set) var initialSequence: UInt32?
    private(set) var lowest: UInt32 = .max
    /// Behind the last byte that it sent.
    private(set) var end: UInt32 = 0
    /// Of the link with most of them.
    private(set) var resentBytes: UInt32 = 0
    private(set) var payload: UInt32 = 0
    private(set) var synCount: UInt8 = 0
    private(set) var heard: ClosedRange<UInt32>?
    /// By when it had acknowledged the most that it did.
    private(set) var heardSince = Timestamp.latest
    private(set) var first = Timestamp.latest
    private(set) var last = Timestamp.earliest

    fileprivate mutating func add(_ record: LinkRecord, _ acknowledgedSince: Timestamp) {
      kinds.formUnion(record.kinds)
      if let initial = record.initialSequence { initialSequence = min(initialSequence ?? initial, initial) }
      lowest = min(lowest, record.sequenceLow)
      end = max(end, record.sequenceHigh)
      resentBytes = max(resentBytes, record.resentBytes)
      payload = max(payload, record.payload)
      synCount = max(synCount, record.synCount)
      if record.acknowledgmentLow <= record.acknowledgmentHigh {
        let range = record.acknowledgmentLow...record.acknowledgmentHigh
        if let heard, heard.upperBound >= range.upperBound {
          if heard.upperBound == range.upperBound { heardSince = min(heardSince, acknowledgedSince) }
        } else {
          heardSince = acknowledgedSince
        }
        heard = heard.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
      }
      first = min(first, record.firstTime)
      last = max(last, record.lastTime)
    }

    var isSilent: Bool { kinds.isEmpty }
    var seconds: Double { isSilent ? 0 : last.seconds(since: first) }

    /// Bytes of payload that it sent and `other` never acknowledged; `nil` where the numbers do not tell.
    fileprivate func unheardBytes(by other: Side) -> UInt32? {
      guard kinds.contains(.payload), !kinds.contains(.severalConnections),
        !other.kinds.contains(.severalConnections), let heard = other.heard?.upperBound, heard >= lowest, heard < end
      else { return nil }
      return end - heard
    }

    /// `other` acknowledged its SYN, and not one byte more.
    fileprivate func isUnheard(by other: Side) -> Bool {
      initialSequence.map { other.heard == $0 &+ 1...$0 &+ 1 } ?? false
    }

    /// It sent as much again as three times what is missing, or three full segments.
    fileprivate func repeats(_ missing: UInt32) -> Bool {
      // The span of sequence numbers that a SYN begins holds one more than bytes were sent.
      resentBytes + 1 >= Exchange.repetitions * min(missing, Exchange.fullSegment)
    }
  }

  static let repetitions: UInt32 = 3
  /// Seconds: a failover may take longer than a segment that is sent four times, 1.4 s with Linux's 200 ms (RFC 6298).
  static let patience = 2.5
  /// Seconds after which a reset is no answer to what was asked: a connection that was idle ends so.
  private static let longAnswer = 10.0
  private static let fullSegment: UInt32 = 1460
  private static let largestWindow: UInt32 = 1 << 20

  /// The server acknowledged more than the client's SYN.
  var isHeard: Bool {
    guard let heard = reply.heard, let initial = request.initialSequence else { return false }
    return heard.upperBound &- initial > 1 && heard.upperBound &- initial < 1 << 31
  }

  /// The client sends its data again and again, and nobody acknowledges them.
  var isStalled: Bool {
    if reply.isSilent { return isRepeatedWhereNoReplyPasses }
    guard repeatsRequest else { return isAnswerStalled }
    return (request.isUnheard(by: reply) ? request.seconds : request.last.seconds(since: reply.last)) >= Self.patience
  }

  private var repeatsRequest: Bool {
    guard let missing = request.unheardBytes(by: reply) else { return false }
    return missing <= Self.largestWindow && request.repeats(missing) && !hasUnseenReplies
  }

  /// The client sends its data again, and the server has acknowledged its SYN alone.
  var isDataUnheard: Bool {
    guard let missing = request.unheardBytes(by: reply), request.isUnheard(by: reply) else { return false }
    return request.resentBytes + 1 >= min(missing, Self.fullSegment)
  }

  /// Every byte was sent four times on average, and the client has acknowledged nothing new meanwhile: where no reply passes
  /// nothing else shows that none came.
  private var isRepeatedWhereNoReplyPasses: Bool {
    guard request.kinds.contains([.payload, .established]), !request.kinds.contains(.severalConnections),
      request.end > request.lowest, request.payload < .max
    else { return false }
    let bytes = request.end - request.lowest - (request.synCount > 0 ? 1 : 0)
    return bytes > 0 && request.resentBytes / Self.repetitions >= max(1, bytes - 1)
      && request.last.seconds(since: request.heardSince) >= Self.patience
  }

  /// The client acknowledged more than passed here: replies go elsewhere as well.
  private var hasUnseenReplies: Bool { request.heard.map { $0.upperBound > reply.end &+ 1 } ?? false }

  /// The server sends its answer again and again to a client that is there, and acknowledges not one byte, or no more for long.
  var isAnswerStalled: Bool {
    hasUnheardAnswer && !repeatsRequest && (reply.isUnheard(by: request) || hasStoodStill)
      && request.last.seconds(since: reply.last) >= -0.5
  }

  /// The server goes on long after the client acknowledged more for the last time. A single byte is what it asks with whether a
  /// client that was full has room again (RFC 9293 section 3.8.6.1).
  private var hasStoodStill: Bool {
    reply.last.seconds(since: request.heardSince) >= Self.patience && (reply.unheardBytes(by: request) ?? 0) > 1
  }

  /// The server sends its answer again and again, and the client acknowledges no more. It may be gone.
  var hasUnheardAnswer: Bool {
    guard let missing = reply.unheardBytes(by: request), missing <= Self.largestWindow, reply.repeats(missing) else {
      return false
    }
    return reply.seconds >= Self.patience
      && (reply.isUnheard(by: request) || reply.last.seconds(since: request.last) >= Self.patience || hasStoodStill)
  }

  /// The client repeats its SYN over two seconds, and a second and more after a SYN-ACK that came twice: it does not get it, or
  /// does not take it.
  var isAnswerIgnored: Bool {
    request.synCount >= 3 && request.seconds >= 2
      && request.kinds.isDisjoint(with: [.established, .payload, .severalConnections])
      && reply.kinds.contains(.synAck) && answersOneConnection && reply.synCount >= 2
      && request.last.seconds(since: reply.first) >= 1
  }

  /// The server sends its SYN-ACK three times over two seconds and nothing else: it has not heard the client's answer, or
  /// waits for data before it takes that (Linux's TCP_DEFER_ACCEPT).
  var isHandshakeOpen: Bool {
    reply.kinds.contains(.synAck) && reply.kinds.isDisjoint(with: [.payload, .established]) && answersOneConnection
      && reply.synCount >= 3 && reply.seconds >= 2
  }

  /// A server that forgets what it answered, as where ICMP tells it that the answer was lost, answers the same SYN with
  /// another number.
  private var answersOneConnection: Bool {
    !reply.kinds.contains(.severalConnections)
      || request.kinds.isDisjoint(with: [.severalConnections, .rst]) && request.isUnheard(by: reply)
  }

  /// The client sends data, and behind its SYN-ACK the server says nothing but that it resets the connection.
  var isResetUnanswered: Bool {
    request.kinds.contains([.payload, .established]) && reply.kinds.contains([.synAck, .abort])
      && reply.kinds.isDisjoint(with: [.payload, .fin, .severalConnections])
      && !request.kinds.contains(.severalConnections) && !hasUnseenReplies
      && reply.last.seconds(since: request.last) < Self.longAnswer && !tookAll
  }

  /// The server took more than a segment, or all until the client ended it: of a protocol that answers nothing, as syslog's.
  private var tookAll: Bool {
    guard let heard = reply.heard?.upperBound, let initial = request.initialSequence else { return true }
    return request.kinds.contains(.fin) || heard &- initial > Self.fullSegment
  }
}

extension LinkRecord {
  /// Bytes were sent again so often that some may have been sent four times.
  var mayBeDropped: Bool {
    kinds.contains([.payload, .established]) && kinds.isDisjoint(with: [.severalConnections, .oversized])
      && payload < .max && resentBytes >= Exchange.repetitions
  }

  /// It lacks the last bytes that `coming` brought, which came for long afterwards, as often as all that came again.
  func lacksEnd(of coming: LinkRecord) -> Bool {
    guard kinds.contains(.established), kinds.isDisjoint(with: [.severalConnections, .oversized]),
      sequenceHigh < coming.sequenceHigh, sequenceHigh > coming.sequenceLow,
      coming.lastTime.seconds(since: lastTime) >= Exchange.patience
    else { return false }
    // The client's FIN counts one.
    let missing = coming.sequenceHigh - sequenceHigh - (coming.kinds.contains(.fin) ? 1 : 0)
    return missing > 0 && coming.resentBytes - min(resentBytes, coming.resentBytes) >= Exchange.repetitions * missing
  }
}
