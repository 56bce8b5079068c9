import Checks
import Evidence
import Foundation
import Report
import Tables
import TestSupport
import Testing
import Wire

/// The rules of docs/kubernetes.md, each on the article's Service with a word or two changed.
@Suite struct KubernetesRuleTests {
  private static let seed = "tables/kubernetes/seed.yaml"
  private static let cluster = "tables/kubernetes/cluster.yaml"

  /// The outcome of a check where the file is changed so.
  private func outcome(
    _ slug: String, in path: String = seed, vip: String? = "10.1.10.10", port: UInt16? = 80,
    backend: String? = nil, adding ipvs: String? = nil, _ changes: (String, String)...
  ) throws -> CheckResult.Outcome {
    var text = try String(contentsOf: Repository.fixtures.appending(path: path), encoding: .utf8)
    for (from, to) in changes {
      try #require(text.contains(from), "\(from) is not there")
      text = text.replacingOccurrences(of: from, with: to)
    }
    var tables = Tables()
    tables.kubernetes = [TableFile(path: path, table: try KubernetesObjects(text: text))]
    if let ipvs {
      let text = try String(contentsOf: Repository.fixtures.appending(path: ipvs), encoding: .utf8)
      tables.ipvs = [TableFile(path: ipvs, table: try IPVSTable(text: text))]
    }
    var policy = Policy()
    if let vip {
      policy.services = [
        ServicePattern(address: try #require(IPAddress(vip)), transport: port.map { _ in .tcp }, port: port)
      ]
    }
    if let backend {
      policy.backends = [Policy.Backend(address: try #require(IPAddress(backend)), mac: Station.backend1)]
    }
    let evidence = try CaptureContents(path: Repository.fixture("seed.pcap")).evidence
    let results = judge(evidence, beside: tables, under: policy).checks.filter { $0.slug == slug }
    for result in results where result.outcome == .inconclusive {
      #expect(!result.reason.isEmpty && !result.remedy.isEmpty)
    }
    return try #require(results.first).outcome
  }

  @Test func withoutObjectsNoCheckApplies() throws {
    let evidence = try CaptureContents(path: Repository.fixture("seed.pcap")).evidence
    let checks = judge(evidence, under: Policy()).checks.filter { $0.id.hasPrefix("K8S") }
    #expect(checks.count == 8 && checks.allSatisfy { $0.outcome == .notApplicable })
  }

  /// What kubectl's table does not print leaves its checks open, and passes nowhere.
  @Test(arguments: [
    ("traffic-policy-not-local", CheckResult.Outcome.inconclusive), ("load-balancer-ip-mismatch", .inconclusive),
    ("ingress-status-missing", .inconclusive), ("service-not-exposed", .pass), ("port-mismatch", .pass),
    ("cis-labels-incomplete", .notApplicable), ("no-local-endpoint", .notApplicable),
  ])
  func aTableOfServicesLeavesOpenWhatItDoesNotTell(slug: String, expected: CheckResult.Outcome) throws {
    #expect(try outcome(slug, in: "tables/kubernetes/get-services-wide.txt") == expected)
  }

  @Test func aTableStillFailsWhereItTells() throws {
    let table = "tables/kubernetes/get-services-wide.txt"
    #expect(try outcome("port-mismatch", in: table, ("80:31380/TCP", "8080:31380/TCP")) == .fail)
    let type = ("my-frontend   LoadBalancer ", "my-frontend   ExternalName ")
    #expect(try outcome("load-balancer-ip-mismatch", in: table, type) == .inconclusive)
    // Where the port of the pods is not told, the node's table is held against nothing.
    #expect(
      try outcome("port-mismatch", in: table, adding: "tables/seed/ipvsadm", ("80:31380/TCP", "80:31380/TCP")) == .pass)
  }

  @Test func aDescriptionIsJudgedAsAManifest() throws {
    let text = "tables/kubernetes/describe-service.txt"
    for slug in ["traffic-policy-not-local", "load-balancer-ip-mismatch", "ingress-status-missing", "port-mismatch"] {
      #expect(try outcome(slug, in: text) == .pass)
    }
    #expect(try outcome("cis-labels-incomplete", in: text) == .pass)
    let policy = ("External Traffic Policy:  Local", "External Traffic Policy:  Cluster")
    #expect(try outcome("traffic-policy-not-local", in: text, policy) == .fail)
    #expect(try outcome("ingress-status-missing", in: text, ("(VIP)", "(Proxy)")) == .fail)
    #expect(try outcome("ingress-status-missing", in: text, (" (VIP)", "")) == .inconclusive)
  }

  @Test func aPolicyThatIsNotSaidIsCluster() throws {
    #expect(try outcome("traffic-policy-not-local", ("  externalTrafficPolicy: Local\n", "")) == .fail)
  }

  @Test(arguments: ["kube-router.io/service.dsr: tunnel", "service.cilium.io/forwarding-mode: dsr"])
  func whoReturnsByItselfMayHaveAnyPolicy(annotation: String) throws {
    let metadata = ("  namespace: default\n", "  namespace: default\n  annotations:\n    \(annotation)\n")
    let policy = ("externalTrafficPolicy: Local", "externalTrafficPolicy: Cluster")
    #expect(try outcome("traffic-policy-not-local", metadata, policy) == .notApplicable)
  }

  @Test func ciliumsModeDoesNotShow() throws {
    let metadata = (
      "  namespace: default\n", "  namespace: default\n  annotations:\n    lbipam.cilium.io/ips: 10.1.10.10\n"
    )
    let policy = ("externalTrafficPolicy: Local", "externalTrafficPolicy: Cluster")
    #expect(try outcome("traffic-policy-not-local", metadata, policy) == .inconclusive)
  }

  @Test func aVIPThatNoServiceNamesIsOpenWhereTheUserNamedIt() throws {
    let change = ("10.1.10.10", "10.1.10.99")
    #expect(try outcome("load-balancer-ip-mismatch", change) == .inconclusive)
    #expect(try outcome("load-balancer-ip-mismatch", vip: nil, change) == .notApplicable)
    for slug in ["traffic-policy-not-local", "ingress-status-missing", "service-not-exposed", "port-mismatch"] {
      #expect(try outcome(slug, change) == .notApplicable)
    }
  }

  @Test func anotherAddressBesideTheVIPIsNoMismatch() throws {
    #expect(
      try outcome(
        "load-balancer-ip-mismatch", ("    - ip: 10.1.10.10\n", "    - ip: 10.1.10.11\n    - ip: 10.1.10.10\n"))
        == .pass)
    #expect(
      try outcome(
        "load-balancer-ip-mismatch", ("loadBalancerIP: 10.1.10.10", "loadBalancerIP: 10.1.10.11"),
        ("    - ip: 10.1.10.10\n", "    - ip: 10.1.10.11\n    - ip: 10.1.10.10\n")) == .pass)
    #expect(
      try outcome("load-balancer-ip-mismatch", ("loadBalancerIP: 10.1.10.10", "loadBalancerIP: fd00:10::10")) == .pass)
  }

  @Test(arguments: ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs", "kube-vip.io/loadbalancerIPs"])
  func annotationsAskForAddressesToo(annotation: String) throws {
    let asks = (
      "  namespace: default\n", "  namespace: default\n  annotations:\n    \(annotation): fd00:10::10, 10.1.10.10\n"
    )
    let noField = ("  loadBalancerIP: 10.1.10.10\n", "")
    #expect(try outcome("load-balancer-ip-mismatch", asks, noField) == .pass)
    #expect(
      try outcome("load-balancer-ip-mismatch", asks, noField, ("    - ip: 10.1.10.10", "    - ip: 10.1.10.12")) == .fail
    )
  }

  @Test func aManifestBearsNoStatus() throws {
    let status = ("status:\n  loadBalancer:\n    ingress:\n    - ip: 10.1.10.10\n", "")
    #expect(try outcome("ingress-status-missing", status) == .inconclusive)
    #expect(
      try outcome("ingress-status-missing", status, ("  namespace: default\n", "  namespace: default\n  uid: 5f0c\n"))
        == .fail)
    #expect(try outcome("load-balancer-ip-mismatch", status) == .notApplicable)
  }

  @Test func anAddressInProxyModeIsNone() throws {
    let mode = { (mode: String) in ("    - ip: 10.1.10.10\n", "    - ip: 10.1.10.10\n      ipMode: \(mode)\n") }
    #expect(try outcome("ingress-status-missing", mode("Proxy")) == .fail)
    #expect(try outcome("ingress-status-missing", mode("VIP")) == .pass)
  }

  @Test func externalIPsNeedNeitherTypeNorStatus() throws {
    let changes = [
      ("type: LoadBalancer", "type: ClusterIP"), ("  loadBalancerIP: 10.1.10.10\n", "  externalIPs:\n  - 10.1.10.10\n"),
      ("  loadBalancer:\n    ingress:\n    - ip: 10.1.10.10\n", "  loadBalancer: {}\n"),
    ]
    for slug in [
      "traffic-policy-not-local", "load-balancer-ip-mismatch", "ingress-status-missing", "service-not-exposed",
      "port-mismatch",
    ] {
      #expect(try outcome(slug, changes[0], changes[1], changes[2]) == .pass, "\(slug)")
    }
  }

  @Test func aNodePortAtTheVIPIsTheNodesOwn() throws {
    let type = ("type: LoadBalancer", "type: NodePort")
    #expect(try outcome("service-not-exposed", type) == .fail)
    let port = ("  - port: 80\n", "  - port: 8080\n    nodePort: 80\n")
    #expect(try outcome("service-not-exposed", type, port) == .inconclusive)
    #expect(try outcome("port-mismatch", port) == .fail)
  }

  @Test func protocolsTellPortsApart() throws {
    #expect(try outcome("port-mismatch", ("protocol: TCP", "protocol: UDP")) == .fail)
    // Without a port in --vip nothing says which one was meant.
    #expect(try outcome("port-mismatch", port: nil, ("  - port: 80\n", "  - port: 8080\n")) == .pass)
  }

  @Test func anotherServiceThatSharesTheAddressMayHaveThePort() throws {
    let shared = ("  namespace: default\n", "  namespace: default\n  annotations:\n    metallb.io/allow-shared-ip: a\n")
    #expect(try outcome("port-mismatch", shared, ("  - port: 80\n", "  - port: 8080\n")) == .inconclusive)
    #expect(
      try outcome(
        "traffic-policy-not-local", shared, ("  - port: 80\n", "  - port: 8080\n"),
        ("externalTrafficPolicy: Local", "externalTrafficPolicy: Cluster")) == .notApplicable)
  }

  @Test func aTargetPortOfItsOwnIsNoFault() throws {
    #expect(try outcome("port-mismatch", ("targetPort: 80", "targetPort: 8080")) == .pass)
    #expect(
      try outcome("port-mismatch", adding: "lab/node-masq/be1.ipvsadm", ("targetPort: 80", "targetPort: web")) == .pass)
    // The balancer's own table sends to nodes.
    #expect(
      try outcome("port-mismatch", adding: "lab/node-masq/lb.ipvsadm", ("targetPort: 80", "targetPort: 8080")) == .pass)
    // The endpoints say more than a port's name.
    let table = "lab/node-masq/be1.ipvsadm"
    #expect(try outcome("port-mismatch", in: Self.cluster, adding: table) == .pass)
    #expect(
      try outcome(
        "port-mismatch", in: Self.cluster, adding: table,
        ("  - name: http\n    port: 80\n", "  - name: http\n    port: 81\n"))
        == .fail)
  }

  @Test(arguments: ["iptables", "nftables", "\"\""])
  func otherModesBearNoVIP(mode: String) throws {
    let change = ("mode: ipvs", "mode: \(mode)")
    let off = ("strictARP: true", "strictARP: false")
    #expect(try outcome("strict-arp-off", in: Self.cluster, change, off) == .pass)
    // But a node that has the VIP in its IPVS table is in no such mode.
    #expect(
      try outcome("strict-arp-off", in: Self.cluster, adding: "lab/node-masq/be1.ipvsadm", change) == .inconclusive)
  }

  @Test func strictARPThatIsNotSaidIsOff() throws {
    #expect(try outcome("strict-arp-off", in: Self.cluster, ("        strictARP: true\n", "")) == .fail)
    #expect(try outcome("strict-arp-off", in: Self.cluster, ("mode: ipvs", "mode: kernelspace")) == .inconclusive)
    let off = ("strictARP: true", "strictARP: false")
    #expect(try outcome("strict-arp-off", in: Self.cluster, off, ("10.1.10.10", "10.1.10.99")) == .notApplicable)
  }

  @Test func labelsAmongTheAnnotationsAreNone() throws {
    #expect(try outcome("cis-labels-incomplete", ("  labels:\n", "  annotations:\n")) == .fail)
    #expect(try outcome("cis-labels-incomplete", ("as3-pool: frontend_pool", "as3-pool: \"\"")) == .fail)
    #expect(
      try outcome(
        "cis-labels-incomplete", ("    cis.f5.com/as3-tenant: AS3\n", ""), ("    cis.f5.com/as3-app: MyApps\n", ""),
        ("    cis.f5.com/as3-pool: frontend_pool\n", "")) == .notApplicable)
  }

  @Test func aNodeIsKnownByItsAddress() throws {
    let notReady = ("      ready: true\n      serving: true\n", "      ready: false\n      serving: false\n")
    // Nothing in the seed's capture tells the node's address.
    #expect(try outcome("no-local-endpoint", in: Self.cluster, notReady) == .notApplicable)
    #expect(try outcome("no-local-endpoint", in: Self.cluster, backend: "10.1.10.21", notReady) == .fail)
    #expect(try outcome("no-local-endpoint", in: Self.cluster, backend: "10.1.10.21") == .pass)
    // One that ends and still serves is used.
    let ending = (
      "      ready: true\n      serving: true\n      terminating: false\n",
      "      ready: false\n      serving: true\n      terminating: true\n"
    )
    #expect(try outcome("no-local-endpoint", in: Self.cluster, backend: "10.1.10.21", ending) == .pass)
    #expect(try outcome("no-local-endpoint", in: Self.cluster, backend: "10.1.10.22") == .fail)
    #expect(
      try outcome("no-local-endpoint", in: Self.cluster, backend: "10.1.10.22", ("    nodeName: be1\n", ""))
        == .inconclusive)
  }
}
