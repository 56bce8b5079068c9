import Foundation
import Tables
import TestSupport
import Testing
import Wire

@Suite struct KubernetesTextTests {
  private func objects(_ name: String) throws -> KubernetesObjects {
    try KubernetesObjects(
      text: String(contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/\(name)"), encoding: .utf8))
  }

  @Test func theArticlesServiceIsReadWithItsLines() throws {
    let service = try #require(try objects("seed.yaml").services.first)
    let vip = try #require(IPAddress("10.1.10.10"))
    #expect(service.name.description == "default/my-frontend")
    #expect(service.type == .init(.loadBalancer, line: 16))
    #expect(service.loadBalancerIP == .init(vip, line: 17))
    #expect(service.externalTrafficPolicy == .init(.local, line: 18))
    #expect(service.ports.map(\.port) == [.init(80, line: 13)])
    #expect(service.ports.first?.targetPort == .init(.number(80), line: 15))
    #expect(service.ingress.map(\.ip) == [.init(vip, line: 24)])
    #expect(service.labels["cis.f5.com/as3-pool"] == .init("frontend_pool", line: 10))
  }

  @Test(arguments: ["cluster.yaml", "cluster.json"])
  func aListHasAllItsMembers(name: String) throws {
    let objects = try objects(name)
    #expect(objects.services.map(\.name.name) == ["my-frontend", "kubernetes"])
    #expect(objects.services.first?.ports.first?.targetPort?.value == .name("web"))
    #expect(objects.nodes.map(\.name) == ["be1", "be2"])
    #expect(objects.nodes.map { $0.addresses.map(\.description) } == [["10.1.10.21"], ["10.1.10.22"]])
    #expect(objects.endpointSlices.flatMap(\.endpoints).map(\.isUsable.value) == [true, false])
    #expect(objects.endpointSlices.flatMap(\.endpoints).map(\.nodeName) == ["be1", "be2"])
    #expect(objects.proxyConfigurations.map(\.mode?.value) == ["ipvs"])
    #expect(objects.proxyConfigurations.map(\.strictARP?.value) == [true])
  }

  @Test(arguments: ["cluster.yaml", "cluster.json"])
  func everyLineIsTheOneThatHoldsTheFact(name: String) throws {
    let text = try String(
      contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/\(name)"), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let objects = try KubernetesObjects(text: text)
    let service = try #require(objects.services.first)
    let proxy = try #require(objects.proxyConfigurations.first)
    let found: [(Int?, String)] = [
      (service.type?.line, "LoadBalancer"), (service.loadBalancerIP?.line, "10.1.10.10"),
      (service.externalTrafficPolicy?.line, "Local"), (service.ports.first?.nodePort?.line, "31380"),
      (service.ingress.first?.ip?.line, "10.1.10.10"), (proxy.mode?.line, "mode: ipvs"),
      (proxy.strictARP?.line, "strictARP: true"),
      (objects.endpointSlices.first?.endpoints.last?.isUsable.line, "false"),
    ]
    for (line, words) in found {
      let line = try #require(line)
      #expect(lines[line - 1].contains(words), "\(words) at line \(line)")
    }
  }

  @Test func severalDocumentsAndOldEndpointsAreRead() throws {
    let objects = try KubernetesObjects(
      text: """
        apiVersion: v1
        kind: Endpoints
        metadata: {name: web, namespace: shop}
        subsets:
        - addresses:
          - ip: 10.233.90.25
            nodeName: be1
          notReadyAddresses:
          - ip: 10.233.96.28
            nodeName: be2
          ports:
          - port: 8080
        ---
        kind: Deployment
        spec: {replicas: 2}
        ---
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        mode: ""
        """)
    let slice = try #require(objects.endpointSlices.first)
    #expect(slice.service.description == "shop/web")
    #expect(slice.endpoints.map(\.isUsable.value) == [true, false])
    #expect(slice.ports.map(\.port.value) == [8080])
    #expect(objects.proxyConfigurations.map(\.line) == [17])
    #expect(objects.proxyConfigurations.allSatisfy { $0.mode == nil && $0.strictARP == nil })
  }

  @Test func listsOfTheAPIItselfDoNotTellTheirMembersKind() throws {
    let objects = try KubernetesObjects(
      text: #"{"kind":"ServiceList","items":[{"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}}]}"#)
    #expect(objects.services.map(\.name.name) == ["a"])
  }

  @Test(arguments: [
    ("  - port: 80\n", "  - port: eighty\n", 13, "port", "eighty"),
    ("  - port: 80\n", "  - port: 70000\n", 13, "port", "70000"),
    ("  - port: 80\n", "  - name: web\n", 13, "port", "a mapping"),
    ("loadBalancerIP: 10.1.10.10", "loadBalancerIP: 10.1.10.300", 17, "loadBalancerIP", "10.1.10.300"),
    ("- ip: 10.1.10.10", "- ip: vip.example", 24, "ip", "vip.example"),
    ("type: LoadBalancer", "type: Loadbalancer", 16, "type", "Loadbalancer"),
    ("externalTrafficPolicy: Local", "externalTrafficPolicy: local", 18, "externalTrafficPolicy", "local"),
    ("protocol: TCP", "protocol: HTTP", 14, "protocol", "HTTP"),
    ("targetPort: 80", "targetPort: [80]", 15, "targetPort", "a list"),
  ])
  func aMalformedFieldIsToldWithItsLine(from: String, to: String, line: Int, key: String, found: String) throws {
    let text = try String(
      contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/seed.yaml"), encoding: .utf8)
    try #require(text.contains(from))
    #expect {
      try KubernetesObjects(text: text.replacingOccurrences(of: from, with: to))
    } throws: { error in
      guard let error = error as? TableError else { return false }
      return error.line == line && error.expected.contains(key) && error.found == found
    }
  }

  @Test func unknownFieldsAndKindsAreKeptQuietAbout() throws {
    let text = try String(
      contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/seed.yaml"), encoding: .utf8)
    let more = "spec:\n  trafficDistribution: PreferClose\n  sessionAffinityConfig: [a, {b: c}]\n"
    let objects = try KubernetesObjects(
      text: text.replacingOccurrences(of: "spec:\n", with: more) + "---\nkind: Unheard\nspec: 1\n")
    #expect(objects.services.count == 1)
  }

  @Test(arguments: ["kind: Deployment\n", "a: 1\n", "- 1\n", "hello", "{}", "kind: List\nitems: []\n"])
  func aTextWithoutAnyOfTheObjectsIsRefused(text: String) {
    #expect(throws: TableError.self) { try KubernetesObjects(text: text) }
  }

  @Test func otherConfigMapsAreNotKubeProxys() throws {
    #expect(throws: TableError.self) {
      try KubernetesObjects(text: "kind: ConfigMap\nmetadata: {name: other}\ndata: {config.conf: 'mode: ipvs'}\n")
    }
  }

  /// `kubectl create --dry-run` writes a status that has nothing in it.
  @Test(arguments: ["status: {}", "status:\n  loadBalancer: {}", "status:\n  loadBalancer:\n    ingress: []", ""])
  func anEmptyStatusIsAManifests(status: String) throws {
    let manifest =
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  creationTimestamp: null\nspec:\n  type: LoadBalancer\n"
    #expect(try KubernetesObjects(text: manifest + status + "\n").services.map(\.isFromCluster) == [false])
    let given = try KubernetesObjects(
      text: manifest.replacing("  creationTimestamp: null", with: "  uid: a") + status + "\n")
    #expect(given.services.map(\.isFromCluster) == [true])
    let told = manifest + "status:\n  loadBalancer:\n    ingress:\n    - ip: 10.1.10.10\n"
    #expect(try KubernetesObjects(text: told).services.map(\.isFromCluster) == [true])
  }
}
