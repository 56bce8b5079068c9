import Evidence
import Wire

extension Check {
  static let dsrOptionLost = Check(
    id: "DSR013", slug: "dsr-option-lost", title: "The option that tells a backend the VIP is lost on the way",
    page: Page(
      looksFor: """
        A balancer that translates the destination and tells the VIP in an option of the SYN (Cilium: IPv4 option 0x9a,
        IPv6 destination option 0x1b, Geneve option 0x014b/0x81): that very SYN is seen with the option at one place and
        without it at another, and the flow is not answered by the VIP.
        """,
      whyItMatters: """
        The option rides on the SYN alone. A firewall or a router that drops IP options leaves the backend a request that
        looks like its own: it answers from its own address, and the client resets what it never asked for.
        """,
      howToMend: """
        Let the devices between balancer and backend pass IP options or extension headers, or change the dispatch mode to
        one that the network carries: `loadBalancer.dsrDispatch=geneve` or `ipip`.
        """,
      sources: [
        "cilium/cilium bpf/lib/dsr.h", "https://github.com/cilium/cilium/issues/26407", "RFC 7126", "RFC 9288",
      ])
  ) { service in
    var flows = 0
    var isMarked = false
    var evidence: [Exhibit] = []
    for judged in service.flows {
      guard let legs = service.run.translated.markedLegs(of: judged.group.exemplar) else { continue }
      isMarked = true
      guard case .unanswered = judged.fate, let bare = legs.without.first, let marked = legs.with.first else {
        continue
      }
      flows += judged.group.flows
      evidence += [
        service.exhibit(
          marked, of: judged.group.exemplar.flow, expected: "a SYN with the option",
          actual: "the option is there, \(service.links[marked.link].text)"),
        service.exhibit(
          bare, of: judged.group.exemplar.flow, expected: "the same SYN with the option",
          actual: "the option is gone, \(service.links[bare.link].text)"),
      ]
    }
    if flows > 0 {
      return .fail(
        "\(counted(flows, "flow")) \(flows == 1 ? "loses" : "lose") the option that names the VIP",
        because: "the SYN has it at one place and lacks it at a later one",
        remedy: "look for what drops IP options or extension headers between these two places", evidence)
    }
    return isMarked ? .pass("the option that names the VIP arrives") : .notApplicable("no request bears such an option")
  }
}
