extension Fixture {
  /// Captures of a real IPVS (Linux 6.1, in user-mode Linux), with the tables of each host beside them.
  static let labCaptures: [Fixture] = {
    let vip = "--vip 10.1.10.10:80"
    let balancer = "\(vip) --balancer-mac 06:1f:8a:6c:8e:d2"
    func lab(
      _ path: String, _ verdict: Verdict, failing: [String] = [], more: Bool = false, _ flows: Flows?,
      _ explanation: String, arguments: String = vip
    ) -> Fixture {
      Fixture("lab/\(path).pcap", arguments, verdict, failing: failing, mayFailMore: more, flows, explanation, nil)
    }
    let via = ["reply-via-balancer"]
    let contested = ["vip-owner-contested"]
    return [
      lab(
        "dr/client", .pass, .direct(6),
        "IPVS Route, backends silent: requests to the balancer, replies from two backends."),
      lab("dr/client", .pass, .direct(6), "The same without --vip.", arguments: ""),
      lab("dr/lb", .pass, .direct(6), "At the balancer: requests leave again, acknowledged replies never pass."),
      lab("dr/switch-lb-port", .pass, .direct(6), "At the switch's port to the balancer: the same."),
      lab("dr/be1", .pass, .direct(3), "At a backend: requests come from the balancer, replies go to the client."),
      lab("dr/be2", .pass, .direct(3), "At the other backend: the same."),
      lab("dr/switch", .pass, .direct(6), "On the switch: every leg is seen."),
      lab("dr/be1-any", .inconclusive, .undecided(3), "Cooked: no destination address, the reply's path stays open."),
      lab("k8s/client", .pass, .direct(6), "Route to a node whose own IPVS masquerades to a pod: DSR works."),
      lab("k8s/lb", .pass, .direct(6), "At the balancer."),
      lab("k8s/switch-lb-port", .pass, .direct(6), "At the switch's port to the balancer."),
      lab("k8s/be1", .pass, .direct(6), "At the node, outside."),
      lab("k8s/be2", .inconclusive, .undecided(0), "A host that takes no part: no frame to the VIP."),
      lab("k8s/switch", .pass, .direct(6), "On the switch: every leg is seen."),
      lab("k8s/be1-any", .inconclusive, .undecided(6), "Cooked, on all interfaces of the node, the pod's too."),
      lab("nat-flat/client", .fail, failing: via, .via(6), "IPVS Masq: replies come from the balancer."),
      lab("nat-flat/lb", .fail, failing: via, .via(6), "At the balancer: replies arrive and leave."),
      lab("nat-flat/switch-lb-port", .fail, failing: via, .via(6), "At the switch's port to the balancer."),
      lab("nat-flat/switch", .fail, failing: via, .via(6), "On the switch."),
      lab(
        "nat-flat/be1", .inconclusive, .undecided(0), "At a backend: frames bear its own address, none bears the VIP."),
      lab("nat-flat/be2", .inconclusive, .undecided(0), "At the other backend: the same."),
      lab("nat-flat/be1-any", .inconclusive, .undecided(0), "Cooked, at a backend."),
      lab(
        "dr-arpleak/client", .fail, failing: contested, more: true, nil,
        "Route, but backends answer ARP for the VIP: three MACs claim it, and requests go to a backend."),
      lab(
        "dr-arpleak/client", .fail,
        failing: ["balancer-bypassed", "backend-answers-arp", "backend-announces-vip"] + contested, .bypassed(7),
        "The same, the balancer known: every request bypasses it.", arguments: balancer),
      lab("dr-arpleak/switch", .fail, failing: contested, more: true, nil, "On the switch: the same."),
      lab(
        "dr-arpleak/be2", .fail, failing: contested, more: true, nil,
        "At the backend which gets the requests: it and another backend claim the VIP in turn."),
      lab(
        "dr-arpleak/be1", .inconclusive, .undecided(0),
        "At the other backend: no frame to the VIP, and only its own claims."),
      lab(
        "dr-arpleak/be1", .fail, failing: ["backend-answers-arp", "backend-announces-vip"], .undecided(0),
        "The same, the balancer known: the backend answers and announces.", arguments: balancer),
      lab("dr-arpleak/be1-any", .inconclusive, .undecided(0), "Cooked, at the other backend."),
      lab(
        "dr-arpleak/lb", .fail, failing: contested, more: true, .undecided(0),
        "At the balancer: no request arrives, a backend announces the VIP between its own answers."),
      lab(
        "dr-arpleak/switch-lb-port", .fail, failing: contested, more: true, .undecided(0),
        "At the switch's port to the balancer: the same."),
    ]
  }()
}
