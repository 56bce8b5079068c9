import Evidence
import Wire

extension Check {
  static let encapsulationInconsistent = Check(
    id: "DSR011", slug: "encapsulation-inconsistent",
    title: "One backend gets a service in two kinds of tunnel, and answers one of them",
    page: Page(
      looksFor: """
        Requests of the service that lead to one tunnel end in different ways: another kind of tunnel, or another VNI or
        key. It fails where the flows of one way are answered and those of another are not. Two ways that both work pass:
        two balancers may be set up differently.
        """,
      whyItMatters: """
        A backend opens the tunnels that it has devices for. After a change on one balancer of two, or half way through
        a roll-out, part of the flows vanish in the backend and the rest work: which part depends on the client's port.
        """,
      howToMend: """
        Compare the tunnel type, port, VNI and key of every balancer (`ipvsadm -Ln --tun-info`, `ip -d link`) with the
        devices on the backend, and make them one.
        """,
      sources: [
        "linux net/netfilter/ipvs/ip_vs_xmit.c, ip_vs_tunnel_xmit", "ipvsadm(8), tun-type", "RFC 7348 section 4.1",
      ])
  ) { service in
    struct Way: Hashable {
      var tunnel: Tunnel
      var identifier: UInt32?
    }
    // Networks that are apart may lead to one host, and what works in one says nothing of the other.
    struct End: Hashable, Comparable {
      var address: IPAddress
      var part: Int

      static func < (a: End, b: End) -> Bool { (a.address, a.part) < (b.address, b.part) }
    }
    var answered: [End: [Way: LinkRecord]] = [:]
    var silent: [End: [Way: (record: LinkRecord, flow: Flow)]] = [:]
    var flows: [End: [Way: Int]] = [:]
    for judged in service.flows {
      for (layer, record) in service.tunnels(of: judged) {
        guard let address = layer.destination else { continue }
        let end = End(address: address, part: service.site.part(ofPoint: service.links.point(of: record.link)))
        let way = Way(tunnel: layer.tunnel, identifier: layer.identifier)
        if judged.group.facts.contains(.replySeen) || judged.fate.isDirect {
          answered[end, default: [:]][way] = record
        } else if case .unanswered(let silence) = judged.fate, silence == .noAnswer || silence == .unreachable {
          silent[end, default: [:]][way] = (record, judged.group.exemplar.flow)
          flows[end, default: [:]][way, default: 0] += judged.group.flows
        }
      }
    }
    if answered.isEmpty, silent.isEmpty { return .notApplicable("no request was seen in a tunnel") }
    var lost = 0
    var evidence: [Exhibit] = []
    for (end, ways) in silent.sorted(by: { $0.key < $1.key }) {
      guard let working = answered[end], let other = working.values.min(by: { $0.firstFrame < $1.firstFrame }) else {
        continue
      }
      let failing = ways.filter { working[$0.key] == nil }
      for (way, seen) in failing.sorted(by: { $0.value.record.firstFrame < $1.value.record.firstFrame }) {
        lost += flows[end]?[way] ?? 0
        evidence.append(
          service.exhibit(
            seen.record, of: seen.flow, expected: "the tunnel that is answered, \(service.links[other.link].text)",
            actual: "\(service.links[seen.record.link].text), no answer"))
      }
    }
    guard lost > 0 else { return .pass("no tunnel end answers one kind of tunnel and not another") }
    return .fail(
      "\(counted(lost, "flow")) unanswered in another tunnel than the one that works",
      because: "the same tunnel end answers requests that come in another kind, VNI or key",
      remedy: "make the tunnels of every balancer those that the backend has devices for", evidence)
  }
}
