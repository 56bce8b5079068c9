import Tables
import Wire

extension Check {
  static let ipvsSilentDestination = Check(
    id: "IPVS007", slug: "ipvs-silent-destination", title: "A listed destination never answers while others do",
    page: Page(
      looksFor: """
        The check looks at each destination of the balancer's table that has a weight above 0 and whose MAC is known.
        It fails if the destination answered no flow, others answered, and flows that were handed to it are
        unanswered. It is undecided if none was seen to be handed to it, and twice as many flows were answered as
        there are destinations: with a scheduler that takes turns (rr, wrr, lc, wlc, sed, nq) and no persistence, or
        one that is not known. Otherwise chance explains it.
        """,
      whyItMatters: """
        Health checks ask a backend at its own address and pass, while it drops what comes for the VIP. Its share of
        the clients waits in vain.
        """,
      howToMend: """
        Ask that backend from a host beside it, and capture there: does the request arrive, and what answers? The
        backend may lack the VIP, or rp_filter may drop what comes out of a tunnel.
        """,
      sources: [
        "https://github.com/google/seesaw/issues/25 (VIP missing on a backend)",
        "ipvsadm(8), --scheduler", "linux net/netfilter/ipvs/Kconfig (the schedulers)",
      ])
  ) { service in
    let answering = service.directAnswerers
    let listed = service.ipvs.filter { $0.role == .balancer }.flatMap(\.destinations)
      .filter { $0.destination.weight ?? 0 > 0 }
    guard !answering.isEmpty, !listed.isEmpty else {
      return .notApplicable("no balancer's table with weights, or no backend that was seen to answer")
    }
    let silent = listed.filter { destination in
      let macs = service.macs(of: destination.destination.endpoint.address)
      return !macs.isEmpty && macs.isDisjoint(with: answering)
        && !answering.contains {
          service.isOfSameHost($0, destination.destination.endpoint.address) || service.getsTunnels([$0])
        }
    }
    guard let first = silent.first else { return .pass("no destination whose MAC is known keeps silent") }
    let name = first.destination.endpoint.text
    let evidence = silent.map { $0.exhibit(expected: "answers, as others give") }
    let unanswered = silent.filter { destination in
      service.isSilent(service.macs(of: destination.destination.endpoint.address))
    }
    if let dead = unanswered.first {
      return .fail(
        "\(dead.destination.endpoint.text) answers nothing while others do",
        because: "requests were handed to it, and nobody answered them",
        remedy: "capture on that backend: is the VIP there, and does the request arrive?", evidence)
    }
    let unknown = silent.compactMap(\.listed.service.scheduler).first { !stayers.union(takers).contains($0) }
    if let unknown {
      return .inconclusive(
        "\(name) answered none of \(counted(service.counts.total, "flow"))",
        because: "how the scheduler \(unknown) chooses is not known here",
        remedy: "ask that backend directly, and capture there", evidence)
    }
    let takesTurns = silent.filter { destination in
      destination.listed.service.persistence == nil
        && takers.contains(destination.listed.service.scheduler ?? "")
        && service.counts.direct >= 2 * destination.listed.service.destinations.count
    }
    if takesTurns.isEmpty { return .pass("\(name) answered nothing, which so few flows, or the scheduler, explain") }
    return .inconclusive(
      "\(name) answered none of \(counted(service.counts.total, "flow"))",
      because: "the scheduler takes turns, so that some of them should have been its own",
      remedy: "ask that backend directly, and capture there", evidence)
  }

  /// Schedulers that take turns, or look who is idle: linux net/netfilter/ipvs/Kconfig.
  private static let takers: Set<String> = ["rr", "wrr", "lc", "wlc", "sed", "nq"]
  /// Schedulers that stay with one destination, for a client, an address, or while it can.
  private static let stayers: Set<String> = ["sh", "dh", "mh", "lblc", "lblcr", "fo", "ovf"]
}
