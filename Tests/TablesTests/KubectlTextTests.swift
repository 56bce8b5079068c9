import Foundation
import Tables
import TestSupport
import Testing
import Wire

/// What kubectl prints for people, as its printers write it.
@Suite struct KubectlTextTests {
  private static func fixture(_ name: String) throws -> String {
    try String(contentsOf: Repository.fixtures.appending(path: "tables/kubernetes/\(name)"), encoding: .utf8)
  }

  private func fault(_ text: String) -> TableError? {
    do throws(TableError) {
      _ = try KubernetesObjects(text: text)
      return nil
    } catch { return error }
  }

  @Test func aTableOfServicesIsReadWithItsLines() throws {
    let objects = try KubernetesObjects(text: Self.fixture("get-services-wide.txt"))
    #expect(objects.services.map(\.line) == [3, 4, 5, 6, 7])
    let service = objects.services[1]
    #expect(service.name.description == "default/my-frontend" && service.type == .init(.loadBalancer, line: 4))
    #expect(service.ingress.compactMap(\.ip).map(\.value) == [try #require(IPAddress("10.1.10.10"))])
    #expect(service.externalIPs.isEmpty && service.untold == Set(KubernetesObjects.Field.allCases))
    #expect(service.ports.map(\.port.value) == [80] && service.ports.map(\.nodePort?.value) == [31380])
    #expect(objects.services[2].ports.map(\.port.value) == [80, 443])
    #expect(objects.services[3].ports.map(\.transport) == [.udp, .tcp, .tcp])
    #expect(objects.services[4].ingress.isEmpty)
  }

  @Test func severalKindsStandBelowEachOther() throws {
    let objects = try KubernetesObjects(text: Self.fixture("get-several.txt"))
    // Without a column of namespaces nothing tells them.
    #expect(objects.services.map(\.name.description) == ["my-frontend"])
    #expect(objects.services.map(\.name.command) == ["kubectl get service my-frontend -o yaml"])
    #expect(objects.endpointSlices.map(\.service.namespace) == [""])
    // Of the first not all endpoints are listed.
    #expect(objects.endpointSlices.map(\.service.name) == ["web"])
    #expect(
      objects.endpointSlices[0].endpoints.flatMap(\.addresses).map(\.description) == [
        "192.168.1.15", "fd00:10:244::9",
      ])
    #expect(objects.endpointSlices[0].endpoints.allSatisfy { $0.nodeName == nil })
    #expect(objects.nodes.map(\.name) == ["be1", "cp1"])
    #expect(objects.nodes.map { $0.addresses.map(\.description) } == [["10.1.10.21"], ["10.1.10.20"]])
  }

  @Test func externalIPsOfAnotherTypeAreToldApart() throws {
    let objects = try KubernetesObjects(
      text: """
        NAME   TYPE        CLUSTER-IP   EXTERNAL-IP              PORT(S)   AGE
        a      ClusterIP   10.96.0.7    10.1.10.10,fd00:10::10   80/TCP    5d
        b      NodePort    10.96.0.8    <none>                   80:30001/TCP   5d
        c      ExternalName   <none>    10.1.10.10               <none>    5d
        d      LoadBalancer   10.96.0.9   10.1.10.1...           80:30002/TCP   5d
        """)
    #expect(objects.services[0].externalIPs.map(\.value.description) == ["10.1.10.10", "fd00:10::10"])
    #expect(objects.services[1].externalIPs.isEmpty && objects.services[2].externalIPs.isEmpty)
    #expect(objects.services[2].ports.isEmpty && objects.services[3].ingress.isEmpty)
  }

  @Test func aDescriptionTellsWhatAManifestDoes() throws {
    let objects = try KubernetesObjects(text: Self.fixture("describe-service.txt"))
    let service = objects.services[0]
    let vip = try #require(IPAddress("10.1.10.10"))
    #expect(objects.services.map(\.name.description) == ["default/my-frontend", "default/kubernetes"])
    #expect(service.labels["cis.f5.com/as3-pool"] == .init("frontend_pool", line: 5) && service.labels.count == 4)
    #expect(service.annotatedIPs == [.init(vip, line: 8)])
    #expect(service.type == .init(.loadBalancer, line: 10) && service.ingress.map(\.ip) == [.init(vip, line: 15)])
    #expect(service.externalTrafficPolicy == .init(.local, line: 21) && service.untold.isEmpty)
    #expect(service.ports.map(\.name) == ["http"] && service.ports.map(\.port) == [.init(80, line: 16)])
    #expect(service.ports[0].targetPort == .init(.number(8080), line: 17))
    #expect(service.ports[0].nodePort == .init(31380, line: 18))
    #expect(objects.endpointSlices[0].endpoints.count == 2)
    #expect(objects.endpointSlices[0].ports.map(\.name) == ["http"])
    #expect(objects.endpointSlices[0].ports.map(\.port) == [.init(8080, line: 19)])
    #expect(objects.services[1].annotations.isEmpty && objects.services[1].type?.value == .clusterIP)
  }

  @Test func aModeThatIsNotPrintedIsNotTold() throws {
    let text = try Self.fixture("describe-service.txt")
    let old = try KubernetesObjects(text: text.replacing("10.1.10.10 (VIP)", with: "10.1.10.10")).services[0]
    #expect(old.untold == [.ipMode] && old.ingress[0].proxyMode == nil)
    let proxy = try KubernetesObjects(text: text.replacing("(VIP)", with: "(Proxy), web.example")).services[0]
    #expect(proxy.untold.isEmpty && proxy.ingress.map(\.proxyMode?.value) == ["Proxy"])
    // Older kubectl has two lines `IP:`.
    let asked = try KubernetesObjects(
      text: text.replacing("LoadBalancer Ingress:", with: "IP:                       10.1.10.10\nLoadBalancer Ingress:")
    )
    #expect(asked.services[0].loadBalancerIP?.value.description == "10.1.10.10")
  }

  @Test func aLongAnnotationIsNoSecondOne() throws {
    let text = try Self.fixture("describe-service.txt").replacing(
      "metallb.io/address-pool: edge\n",
      with: "a:\n                            kube-vip.io/loadbalancerIPs: 10.1.10.99\n")
    let service = try KubernetesObjects(text: text).services[0]
    #expect(service.annotations["kube-vip.io/loadbalancerIPs"] == nil)
    #expect(service.annotatedIPs.map(\.value.description) == ["10.1.10.10"])
  }

  @Test(arguments: [
    ("LAST SEEN   TYPE     REASON   OBJECT        MESSAGE\n3m   Normal   Sync   service/web   ok\n", 1, "LAST SEEN"),
    ("NAME   READY   STATUS   RESTARTS   AGE\nweb-1   1/1   Running   0   3d\n", 1, "NAME READY"),
    ("NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb   LoadBalancer   10.96.0.1\n", 2, "web"),
    (
      "NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb   Odd   10.96.0.1   <none>   80/TCP   1d\n", 2, "Odd"
    ),
    (
      "NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nw   NodePort   10.96.0.1   <none>   http/TCP   1d\n", 2,
      "http"
    ),
    ("NAME   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb   10.96.0.1   <none>   80/TCP   1d\n", 1, "NAME"),
    ("Name:       web-1\nNamespace:  default\nNode:       be1\n", 1, "the description"),
  ])
  func whatIsNotReadIsNamed(text: String, line: Int, found: String) throws {
    let error = try #require(fault(text))
    #expect(error.line == line && error.found.contains(found), "\(error)")
  }
}
