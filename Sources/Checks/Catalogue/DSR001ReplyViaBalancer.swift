import Evidence
import Tables
import Wire

extension Check {
  static let replyViaBalancer = Check(
    id: "DSR001", slug: "reply-via-balancer", title: "Replies cross the balancer",
    page: Page(
      looksFor: """
        A reply frame of the service that comes from a MAC of the balancer, or goes to one. The check passes when frames
        prove that replies return without crossing the balancer, and no frame contradicts that. It is undecided where
        the frames do not tell.
        """,
      whyItMatters: """
        Direct Server Return exists to keep replies off the balancer. Where they cross it, the balancer carries all of
        the traffic: it saturates first, and a balancer that was set up for one direction may drop or reset flows.
        """,
      howToMend: """
        Look at the backends' route to the clients: their default gateway must be a router, not the balancer. Look at
        the forwarding method: IPVS must say Route or Tunnel, not Masq; a BIG-IP virtual server needs address and port
        translation off and SNAT off.
        """,
      sources: [
        "https://github.com/acassen/keepalived/issues/1827 (Route in the table, replies through the balancer)",
        "linux net/netfilter/ipvs/ip_vs_xmit.c (what each forwarding method changes)",
      ])
  ) { service in
    let counts = service.counts
    let flows = service.flows
    if counts.viaBalancer > 0, service.mayBePlain {
      return .inconclusive(
        "\(service.service.address) answers from the MAC that owns it",
        because: "it may be a plain service without a balancer",
        next: .nameVIP)
    }
    if counts.viaBalancer > 0, let local = service.localDestination {
      return .inconclusive(
        "\(counts.viaBalancer) of \(counted(counts.total, "flow")): replies come from \(service.balancerText)",
        because: "its table serves some of them itself (Local)",
        remedy: "take that destination out, or capture where the balancer's own flows do not pass",
        [local.exhibit(expected: "destinations on other hosts")])
    }
    if counts.viaBalancer > 0 {
      return .fail(
        "\(counts.viaBalancer) of \(counted(counts.total, "flow")): replies cross \(service.balancerText)",
        because: viaReason(service),
        next: service.stepOffTheBalancer(),
        flows.flatMap { judged -> [Exhibit] in
          guard case .viaBalancer(let leg, _) = judged.fate else { return [] }
          let observed = judged.group.exemplar
          let toBalancer = service.roles.isBalancer(leg.to)
          return [
            service.exhibit(
              leg.record, of: observed.flow,
              expected: toBalancer
                ? "a reply to another MAC than \(service.balancerText)"
                : "a reply from another MAC than \(service.balancerText)",
              actual: "reply \(leg.link.text)")
          ]
        })
    }
    if let doubt = service.contradiction {
      return .inconclusive(
        "the pairs of MACs contradict each other", because: doubt.why, next: service.step(for: doubt))
    }
    let known = counts.direct
    if known > 0, let open = service.openFlows {
      return .inconclusive(
        "\(known) of \(counted(counts.total, "flow")) return directly, and the return path of \(open.flows) is open",
        because: open.reason.why, next: service.step(for: open.reason))
    }
    if known > 0, let (path, reason, next) = service.brokenCapture {
      return .inconclusive(
        "\(known) of \(counted(counts.total, "flow")) return directly, in what was captured of \(path)",
        because: reason, next: next)
    }
    let minimum = service.policy.minimumFlows(of: service.service)
    if known >= max(1, minimum) {
      if let weaker = service.weakerProof {
        return .inconclusive(
          "\(known) of \(counted(counts.total, "flow")) return directly, by too weak a proof",
          because: weaker.reason, next: weaker.next)
      }
      let rest = counts.undecided > 0 ? "; \(counts.undecided) seen in part" : ""
      let proof = service.provingFrames(ofAtMost: Finding.exhibitLimit)
      return .pass(
        "\(known) of \(counted(counts.total, "flow")): replies avoid the balancer\(rest)",
        because: proof.omitted > 0
          ? "frames of \(Finding.exhibitLimit) backends are cited, and \(proof.omitted) more answer so" : "",
        proof.exhibits)
    }
    if known > 0 {
      return .inconclusive(
        "only \(counted(known, "flow")) decided",
        because: "too few to prove what is asked for", next: .captureFlows(minimum))
    }
    guard let doubt = service.mainDoubt else {
      if counts.total == 0 { return service.notSeen }
      return .inconclusive(
        "no flow of the service was answered", because: "an unanswered request has no return path",
        remedy: "see the checks that failed")
    }
    return .inconclusive(
      "the return path of \(counted(doubt.flows, "flow")) is open", because: doubt.reason.why,
      next: service.step(for: doubt.reason))
  }

  private static func viaReason(_ service: ServiceCase) -> String {
    "the balancer: " + listed(service.balancers, separator: "; ") { "\($0.mac) \($0.knownBy)" }
  }
}

extension ServiceCase {
  /// Found in the traffic and not named by the user, it is answered by the owner of its address alone: nothing shows
  /// that there is a balancer at all.
  fileprivate var mayBePlain: Bool {
    policy.services.isEmpty && counts.direct == 0 && roles.areOwnersOnly
  }
}

extension ServiceCase {
  /// Why what is proved does not do, where the policy asks for more.
  fileprivate var weakerProof: (reason: String, next: NextStep)? {
    guard let asked = policy.minimumProof(of: service), let proof, proof < asked else { return nil }
    let inTheWay = assumptions(of: .pass).filter { !asked.allowed.contains($0) }.map(\.rawValue)
    let because = inTheWay.isEmpty ? "" : ", for it takes \(inTheWay.joined(separator: " and ")) for granted"
    return (
      "the proof is \(proof.rawValue)\(because); \(asked.rawValue) is asked for",
      stepToStrongerProof(asked)
    )
  }

  /// A destination that is the balancer itself, by its table.
  fileprivate var localDestination: IPVSHost.Destination? {
    ipvs.filter { $0.role != .node }.flatMap(\.destinations).first { $0.forwarding == .local }
  }

  /// A capture that lost too much for what it shows to be all there was.
  fileprivate var brokenCapture: (path: String, reason: String, next: NextStep)? {
    for capture in captures {
      if let reason = capture.live?.lostInterface {
        return (capture.path, "the capture ended early: \(reason)", .mend("bring the interface up and capture again"))
      }
      guard let dropped = capture.dropped, dropped > 0 else { continue }
      let share = Double(dropped) / (Double(dropped) + Double(capture.frames))
      if share > policy.maximumDrops {
        return (
          capture.path, "it lost \(counted(Int(clamping: dropped), "frame")), more than is allowed",
          .captureWithoutLoss
        )
      }
    }
    return nil
  }
}

extension Link {
  /// `06:ba:… → 06:1f:…`, for evidence.
  var text: String {
    let name = { (mac: MACAddress?) in mac?.description ?? "unknown" }
    return "\(name(source)) → \(name(destination))"
  }
}
