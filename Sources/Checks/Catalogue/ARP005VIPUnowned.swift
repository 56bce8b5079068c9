import Evidence
import Wire

extension Check {
  static let vipUnowned = Check(
    id: "ARP005", slug: "vip-unowned", title: "The VIP is asked for again and again, and nobody answers",
    page: Page(
      looksFor: """
        One host asks for the VIP three times or more by ARP or neighbour discovery, every three seconds or more often,
        and nobody claims the VIP or gets a request for it. The check fails where the same host gets answers when it
        asks for other addresses, of two hosts or more. Otherwise it is undecided: an answer goes to the asker alone,
        and a capture on the one host that answers does not show those of others.
        """,
      whyItMatters: """
        While nobody answers, no request leaves its client or router. The balancer is down, or it does not have the
        VIP, or both balancers are VRRP backups, or the VIP is on another network than the host that asks.
        """,
      howToMend: """
        See which balancer is to own the VIP: `ip addr` there, its VRRP state, its interface. Where arp_ignore or a
        filter keeps the balancer itself from answering, limit that to the backends.
        """,
      sources: ["RFC 826", "RFC 4861 section 7.2.2", "RFC 9568 section 6.4.2 (a backup does not answer)"])
  ) { service in
    let address = service.service.address
    let asked = service.claimIndex.questions(for: address)
    if asked.isEmpty { return .notApplicable("nobody was seen to ask for the VIP") }
    guard service.claims.isEmpty, service.flows.isEmpty else { return .pass("the VIP is owned") }
    let inVain = asked.filter { $0.tally.isAskedInVain }
    guard let first = inVain.first else { return .pass("nobody asked for the VIP again and again") }
    let evidence = inVain.map {
      service.exhibit(
        $0, expected: "an answer that names the owner of \(address)",
        actual: "\($0.claim.mac) asks \(counted($0.tally.frames, "time"))")
    }
    guard service.wouldShowAnswers(toAny: inVain) else {
      return .inconclusive(
        "\(first.claim.mac) asks for \(address) again and again",
        because: "no answer was captured, but answers go to the asker alone and may have passed elsewhere",
        remedy: "capture on the host that asks, and say that the capture stood at the client", evidence)
    }
    return .fail(
      "nobody owns \(address)",
      because: "\(first.claim.mac) asks for it again and again and gets no answer, as it does for other addresses",
      remedy: "see which balancer is to own the VIP, and why it does not answer", evidence)
  }
}

extension ServiceCase {
  /// Who asks gets answers here from several, or from one where others' packets pass as well: from a host that captured nothing
  /// but its own, nothing would show what others answer.
  func wouldShowAnswers(toAny questions: [ClaimIndex.Seen]) -> Bool {
    if policy.vantage == .client {
      return questions.contains { claimIndex.isAnswered($0.claim.mac, at: $0.claim.point) }
    }
    return zip(questions, claimIndex.answerers(of: questions)).contains { question, answerers in
      answerers.count > 1
        || answerers.contains { !pairs.allTouch([site.devices.device(of: $0)], at: question.claim.point) }
    }
  }
}

extension Tally {
  /// Who gets an answer does not ask again for a while (RFC 4861 section 10: a second between questions, 30 s of rest).
  var isAskedInVain: Bool {
    frames >= 3 && lastTime.seconds(since: firstTime) <= 3 * Double(frames - 1)
      && lastTime.seconds(since: firstTime) >= 1.5
  }
}
