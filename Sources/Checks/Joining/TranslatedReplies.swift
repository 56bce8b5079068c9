import Evidence
import Wire

/// Answers to clients of the services that a host gives under an address of its own, and that bear the numbers, or the content,
/// of an answer from the VIP: somebody between translates them, as a balancer does.
///
/// A class, for it is handed on with every flow.
final class TranslatedReplies {
  private struct Key: Hashable {
    var transport: TransportProtocol
    var client: Endpoint
    /// TCP: the client's initial sequence number. UDP: what the first datagram carries, its length and identification.
    var numbers: UInt64
  }

  private var answers: [Key: [LinkRecord]] = [:]
  /// Those to another end than the client's, by the numbers of both ends.
  private var fullyTranslated: [UInt64: [LinkRecord]] = [:]
  private let links: Evidence.Links
  private let captureOfPoint: [Int]
  /// Points of tshark's lines, whose numbers count from the beginning of each flow.
  private let pointsWithOwnNumbers: Set<Int>

  init(_ index: ServiceIndex, _ evidence: Evidence) {
    links = evidence.links
    captureOfPoint = evidence.points.map(\.capture)
    pointsWithOwnNumbers = evidence.pointsOfColumns
    guard index.isNamed else { return }
    let areOthers = evidence.containsFlow { transport, lower, higher, _, _ in
      !index.isService(transport, lower) && !index.isService(transport, higher)
    }
    guard areOthers else { return }
    let asked = Asked(index, evidence)
    if asked.clients.isEmpty { return }
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      guard !index.isService(transport, lower), !index.isService(transport, higher) else { return }
      note(transport, fromLower, to: higher, asked)
      note(transport, fromHigher, to: lower, asked)
    }
  }

  /// Hashes of the ends that the services answer, and of the numbers of both ends that they answer with.
  private struct Asked {
    private(set) var clients: Set<Int> = []
    private(set) var numbers: Set<Int> = []

    init(_ index: ServiceIndex, _ evidence: Evidence) {
      evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
        if !fromLower.isEmpty, index.isService(transport, lower) { add(fromLower, to: higher) }
        if !fromHigher.isEmpty, index.isService(transport, higher) { add(fromHigher, to: lower) }
      }
    }

    private mutating func add(_ replies: Span<LinkRecord>, to client: Endpoint) {
      clients.insert(client.hashValue)
      for index in replies.indices {
        if let both = TranslatedReplies.bothNumbers(replies[index]) { numbers.insert(both.hashValue) }
      }
    }
  }

  /// The initial numbers of both ends: enough where a balancer changes the client's address as well (full NAT).
  private static func bothNumbers(_ reply: LinkRecord) -> UInt64? {
    guard reply.kinds.contains(.synAck), let initial = reply.initialSequence else { return nil }
    return UInt64(initial) << 32 | UInt64(reply.acknowledgmentLow)
  }

  private func note(_ transport: TransportProtocol, _ replies: Span<LinkRecord>, to client: Endpoint, _ asked: Asked) {
    let isOfClient = asked.clients.contains(client.hashValue)
    for index in replies.indices {
      if isOfClient, let key = key(transport, replies[index], to: client), answers[key, default: []].count < Self.most {
        answers[key, default: []].append(replies[index])
      }
      if !isOfClient, let both = bothNumbers(toldBy: replies[index]), asked.numbers.contains(both.hashValue),
        fullyTranslated[both, default: []].count < Self.most
      {
        fullyTranslated[both, default: []].append(replies[index])
      }
    }
  }

  /// `nil` where they count from the beginning of each flow.
  private func bothNumbers(toldBy reply: LinkRecord) -> UInt64? {
    pointsWithOwnNumbers.contains(links.point(of: reply.link)) ? nil : Self.bothNumbers(reply)
  }

  private func key(_ transport: TransportProtocol, _ reply: LinkRecord, to client: Endpoint) -> Key? {
    let hasOwnNumbers = pointsWithOwnNumbers.contains(links.point(of: reply.link))
    if transport == .udp {
      return Key(
        transport: transport, client: client,
        numbers: hasOwnNumbers || reply.hasUntoldFingerprint ? 0 : UInt64(reply.fingerprint))
    }
    guard reply.kinds.contains(.synAck) else { return nil }
    // Of the client's number: a SYN proxy, or a firewall, may change the server's.
    let numbers = hasOwnNumbers ? 0 : UInt64(reply.acknowledgmentLow)
    return Key(transport: transport, client: client, numbers: numbers)
  }

  /// What came of a flow's answers.
  struct Found {
    /// Who sends the flow's answer was sent it before.
    var isSenderTranslating = false
    /// Answers under a host's own address that went to who takes the flow's requests, and sends its answers from another MAC.
    var toRequested: [LinkRecord] = []
  }

  /// `nil` where no answer came under another address.
  func find(_ flow: Flow, _ requests: Span<LinkRecord>, _ replies: Span<LinkRecord>) -> Found? {
    if answers.isEmpty, fullyTranslated.isEmpty { return nil }
    var (own, fullNAT): ([LinkRecord], [LinkRecord]) = ([], [])
    for index in replies.indices {
      if !fullyTranslated.isEmpty, let all = bothNumbers(toldBy: replies[index]).flatMap({ fullyTranslated[$0] }),
        all.count < Self.most
      {
        fullNAT += all.filter { isSentOn($0, as: replies[index]) && !fullNAT.contains($0) }
      }
      guard let key = key(flow.transport, replies[index], to: flow.client), let all = answers[key],
        all.count < Self.most
      else { continue }
      own += all.filter { isBehind($0, replies[index]) && !own.contains($0) }
    }
    if own.isEmpty, fullNAT.isEmpty { return nil }
    var found = Found()
    for answer in fullNAT {
      guard let receiver = links[answer.link].destination,
        !replies.contains(where: { links[$0.link].source == receiver }),
        requests.contains(where: { links[$0.link].destination == receiver })
      else { continue }
      found.toRequested.append(answer)
    }
    for answer in own {
      guard let receiver = links[answer.link].destination else {
        // A capture of all interfaces does not tell who received it: the host itself may have.
        if replies.contains(where: { capture(of: $0) == capture(of: answer) }) { found.isSenderTranslating = true }
        continue
      }
      if replies.contains(where: { links[$0.link].source == receiver }) {
        found.isSenderTranslating = true
      } else if requests.contains(where: { links[$0.link].destination == receiver }) {
        // What text does not tell may be another answer's.
        if isTold(answer) { found.toRequested.append(answer) } else { found.isSenderTranslating = true }
      }
    }
    return found
  }

  /// The one crossed a balancer and became the other: it was sent before that, and has a hop more left. In the other direction
  /// a router translates the VIP.
  private func isSentOn(_ answer: LinkRecord, as reply: LinkRecord) -> Bool {
    if answer.hopLimit > 0, reply.hopLimit > 0, answer.hopLimit <= reply.hopLimit { return false }
    return capture(of: answer) != capture(of: reply)
      ? answer.hopLimit > 0 && reply.hopLimit > 0 : answer.firstTime <= reply.firstTime
  }

  /// Its numbers, or its content, are told.
  private func isTold(_ answer: LinkRecord) -> Bool {
    !pointsWithOwnNumbers.contains(links.point(of: answer.link))
      && !(answer.kinds.contains(.datagram) && answer.hasUntoldFingerprint)
  }

  private func capture(of record: LinkRecord) -> Int { captureOfPoint[links.point(of: record.link)] }

  /// The one may be what the other was made of. Numbers that count from the beginning of each flow tell nothing beside others.
  /// Of UDP, whose answers may be alike, it came a moment before at the same place.
  private func isBehind(_ answer: LinkRecord, _ reply: LinkRecord) -> Bool {
    let points = [links.point(of: answer.link), links.point(of: reply.link)]
    guard points[0] == points[1] || pointsWithOwnNumbers.isDisjoint(with: points) else { return false }
    guard answer.kinds.contains(.datagram) else { return true }
    return captureOfPoint[points[0]] == captureOfPoint[points[1]]
      && (0...Self.moment).contains(reply.firstTime.seconds(since: answer.firstTime))
  }

  /// Seconds that a balancer takes at most to translate an answer.
  private static let moment = 0.05
  /// As many servers answer one client's end alike in a flood alone: then nothing is told of it.
  private static let most = 16
}
