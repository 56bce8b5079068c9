import Evidence
import Wire

/// One connection, or one exchange of datagrams, and how far it has come.
struct Talk {
  /// Talks from this number on are not the service's: monitors, logins.
  static let firstProbe = 10_000

  enum Step {
    case syn, synAck, handshakeAck
    case request(Int)
    case requestAck
    case response(Int)
    case responseAck
    case clientFin, serverFin, lastAck, clientReset
    case query(Int)
    case answer(Int)
    case echo(Int)
    case echoAnswer(Int)

    var isFromClient: Bool {
      switch self {
      case .syn, .handshakeAck, .request, .responseAck, .clientFin, .lastAck, .clientReset, .query, .echo: true
      case .synAck, .requestAck, .response, .serverFin, .answer, .echoAnswer: false
      }
    }
  }

  /// Number of the flow: talks with the same ends are one flow.
  var flow: Int
  var client: Endpoint
  var server: Endpoint
  var clientStation: Int
  /// The host that took the SYN, or the first datagram.
  var serverStation: Int?
  var isUDP: Bool
  var steps: [Step]
  var next = 0
  var attempt = 0
  /// How often what gets no answer is sent again.
  var patience: Int
  /// How many steps were taken, those that were repeated as well.
  var taken = 0
  var time: Int
  /// Between a packet and the next.
  var pace: Int
  var clientSequence: UInt32
  var serverSequence: UInt32
  var identification: UInt16
  var clientTTL: UInt8
  var serverTTL: UInt8
  var isOver = false

  var isProbe: Bool { flow < 0 }
}

extension Network {
  private static let mostRounds = 20

  /// Lets the talk take its next step, and says when the one after that is due.
  func advance(_ index: Int) {
    self[talk: index].taken += 1
    let talk = self[talk: index]
    guard !talk.isOver, talk.next < talk.steps.count else {
      self[talk: index].isOver = true
      return
    }
    // Where requests arrive and their answers never do, patience with each one has no end: the client leaves all the same.
    guard talk.taken <= talk.steps.count * Self.mostRounds else {
      if !talk.isProbe { truths[talk.flow].isStalled = true }
      self[talk: index].isOver = true
      return
    }
    let step = talk.steps[talk.next]
    var time = talk.time
    let sender = step.isFromClient ? talk.clientStation : talk.serverStation ?? talk.clientStation
    let datagram = datagram(index, step)
    let lostAt = scenario.losesInTransit && talk.attempt == 0 && dice.chance(0.1) ? dice.number(0...3) : nil
    let arrival = send(datagram, from: sender, &time, lostAt: lostAt)
    if step.isFromClient {
      requested(index, step, arrival, datagram, &time)
    } else {
      responded(index, step, arrival, datagram)
    }
    if !self[talk: index].isOver { self[talk: index].time = max(time, self[talk: index].time) + talk.pace }
  }

  private func requested(_ index: Int, _ step: Talk.Step, _ arrival: Int?, _ datagram: Datagram, _ time: inout Int) {
    guard let arrival else { return retry(index, step) }
    let talk = self[talk: index]
    let isFirst: Bool
    switch step {
    case .syn, .query, .echo: isFirst = true
    default: isFirst = false
    }
    if isFirst {
      if stations[arrival].fault == .noListener, !talk.isProbe { return refuse(index, at: arrival, datagram, &time) }
      self[talk: index].serverStation = arrival
    } else if let server = talk.serverStation, server != arrival {
      // It knows nothing of the connection: RFC 9293 section 3.5.2.
      if !talk.isProbe { truths[talk.flow].changesHost = true }
      let reset = reply(
        datagram, flags: .rst, sequence: datagram.tcp?.acknowledgment ?? 0, acknowledgment: 0, of: index)
      _ = send(reset, from: arrival, &time)
      self[talk: index].isOver = true
      return
    }
    confirm(index, step)
  }

  private func responded(_ index: Int, _ step: Talk.Step, _ arrival: Int?, _ datagram: Datagram) {
    let talk = self[talk: index]
    guard arrival == talk.clientStation else {
      // What the client does not hear it asks for again.
      switch step {
      case .synAck, .answer, .echoAnswer: return askAgain(index)
      default: return retry(index, step)
      }
    }
    if datagram.source.address != talk.server.address {
      // The client waits for the VIP and knows nobody else.
      if !talk.isUDP {
        var time = talk.time + talk.pace
        var reset = datagram
        reset.half = .request
        (reset.source, reset.destination) = (datagram.destination, datagram.source)
        reset.tcp = .init(flags: .rst, sequence: datagram.tcp?.acknowledgment ?? 0, acknowledgment: 0)
        reset.ttl = talk.clientTTL
        reset.visited = []
        _ = send(reset, from: talk.clientStation, &time)
      }
      return askAgain(index)
    }
    confirm(index, step)
  }

  /// The client sends once more what it had no answer to.
  private func askAgain(_ index: Int) {
    let talk = self[talk: index]
    self[talk: index].next -= 1
    if !talk.isUDP { self[talk: index].clientSequence &-= 1 }
    retry(index, talk.steps[talk.next - 1])
  }

  /// The packet arrived: the sequence numbers move on.
  private func confirm(_ index: Int, _ step: Talk.Step) {
    switch step {
    case .syn, .clientFin: self[talk: index].clientSequence &+= 1
    case .synAck, .serverFin: self[talk: index].serverSequence &+= 1
    case .request(let bytes): self[talk: index].clientSequence &+= UInt32(bytes)
    case .response(let bytes): self[talk: index].serverSequence &+= UInt32(bytes)
    default: break
    }
    self[talk: index].next += 1
    // That a SYN arrived does not count until it is answered.
    if !isOpening(step) { self[talk: index].attempt = 0 }
  }

  /// RFC 6298: a second for a SYN, not less than 0.2 s in Linux for the rest, and twice as long each time.
  private func retry(_ index: Int, _ step: Talk.Step) {
    let talk = self[talk: index]
    let wait: Int
    if case .syn = step, talk.attempt >= 2, !talk.isProbe { truths[talk.flow].isAskedInVain = true }
    switch step {
    case .syn: wait = 1_000_000_000
    case .query, .echo: wait = 1_500_000_000
    case .handshakeAck where talk.attempt < talk.patience:
      // The server sends its SYN-ACK once more, and the client acknowledges that.
      self[talk: index].next -= 1
      self[talk: index].serverSequence &-= 1
      self[talk: index].attempt += 1
      self[talk: index].time += 1_000_000_000
      return
    case .handshakeAck, .requestAck, .responseAck, .lastAck, .clientReset:
      // Acknowledgments are not sent again: the other side's next segment asks for them.
      return confirm(index, step)
    default: wait = 220_000_000
    }
    if talk.attempt >= talk.patience {
      if !talk.isProbe, !truths[talk.flow].isAnswered || isOpening(step) {
        truths[talk.flow].isWithoutAnswer = true
      }
      if !talk.isProbe { truths[talk.flow].isStalled = true }
      self[talk: index].isOver = true
      return
    }
    self[talk: index].attempt += 1
    self[talk: index].time += wait << talk.attempt
  }

  private func isOpening(_ step: Talk.Step) -> Bool {
    switch step {
    case .syn, .query, .echo: true
    default: false
    }
  }

  private func refuse(_ index: Int, at station: Int, _ datagram: Datagram, _ time: inout Int) {
    self[talk: index].isOver = true
    truths[self[talk: index].flow].isRefused = true
    guard let segment = datagram.tcp else { return }
    time += 40_000
    let reset = reply(
      datagram, flags: [.rst, .ack], sequence: 0, acknowledgment: segment.sequence &+ 1, of: index)
    _ = send(reset, from: station, &time)
  }

  // MARK: Packets

  private func reply(
    _ datagram: Datagram, flags: TCPHeader.Flags, sequence: UInt32, acknowledgment: UInt32, of index: Int
  ) -> Datagram {
    let talk = self[talk: index]
    return Datagram(
      talk: index, half: .reply, source: talk.server, destination: talk.client, ttl: talk.serverTTL,
      identification: 0, tcp: .init(flags: flags, sequence: sequence, acknowledgment: acknowledgment))
  }

  private func datagram(_ index: Int, _ step: Talk.Step) -> Datagram {
    let talk = self[talk: index]
    self[talk: index].identification &+= 1
    var segment: Datagram.Segment?
    var ping: Datagram.Ping?
    var payload = 0
    let own = step.isFromClient ? talk.clientSequence : talk.serverSequence
    let other = step.isFromClient ? talk.serverSequence : talk.clientSequence
    switch step {
    case .syn: segment = .init(flags: .syn, sequence: own, acknowledgment: 0)
    case .synAck: segment = .init(flags: [.syn, .ack], sequence: own, acknowledgment: other)
    case .handshakeAck, .requestAck, .responseAck, .lastAck:
      segment = .init(flags: .ack, sequence: own, acknowledgment: other)
    case .request(let bytes), .response(let bytes):
      segment = .init(flags: [.psh, .ack], sequence: own, acknowledgment: other, payload: bytes)
    case .clientFin, .serverFin: segment = .init(flags: [.fin, .ack], sequence: own, acknowledgment: other)
    case .clientReset: segment = .init(flags: [.rst, .ack], sequence: own, acknowledgment: other)
    case .query(let bytes), .answer(let bytes): payload = bytes
    case .echo(let bytes), .echoAnswer(let bytes):
      payload = bytes
      ping = .init(isAnswer: !step.isFromClient, sequence: UInt16(talk.next / 2 + 1))
    }
    var source = step.isFromClient ? talk.client : talk.server
    if !step.isFromClient, let server = talk.serverStation, stations[server].fault == .answersAsItself, !talk.isProbe {
      source.address = address(of: server)
    }
    return Datagram(
      talk: index, half: step.isFromClient ? .request : .reply, source: source,
      destination: step.isFromClient ? talk.server : talk.client,
      ttl: step.isFromClient ? talk.clientTTL : talk.serverTTL, identification: talk.identification, tcp: segment,
      ping: ping, payload: payload, mark: UInt8(truncatingIfNeeded: talk.next &* 7 &+ index))
  }
}
