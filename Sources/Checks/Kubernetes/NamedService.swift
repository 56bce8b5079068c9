import Evidence
import Tables
import Wire

/// A Service that names the VIP, and the file that it stands in.
struct NamedService: Sendable {
  let file: TableFile<KubernetesObjects>
  let service: KubernetesObjects.Service
  private let vip: IPAddress

  /// `nil` where the Service does not name the VIP.
  init?(_ service: KubernetesObjects.Service, in file: TableFile<KubernetesObjects>, vip: IPAddress) {
    self.file = file
    self.service = service
    self.vip = vip
    guard (service.asked + service.given + service.externalIPs).contains(where: { $0.value == vip }) else {
      return nil
    }
  }

  /// The addresses that are asked for, of the VIP's family.
  var asked: [KubernetesObjects.Fact<IPAddress>] { service.asked.filter { $0.value.version == vip.version } }
  /// The addresses that the status gives, of the VIP's family.
  var given: [KubernetesObjects.Fact<IPAddress>] { service.given.filter { $0.value.version == vip.version } }
  var isExternalIP: Bool { service.externalIPs.contains { $0.value == vip } }
  var type: KubernetesObjects.ServiceType { service.type?.value ?? .clusterIP }
  var typeLine: Int { service.type?.line ?? service.specLine }

  /// kube-router and Cilium return directly by themselves where a Service asks them to, whatever its traffic policy.
  ///
  /// Sources: https://kube-router.io/docs/dsr, cilium/cilium `pkg/annotation/k8s.go`.
  var returnsByItself: Bool {
    service.annotations["kube-router.io/service.dsr"]?.value == "tunnel"
      || service.annotations["service.cilium.io/forwarding-mode"]?.value == "dsr"
  }

  /// Cilium has to do with the Service, which in its own mode DSR returns directly, whatever the traffic policy.
  var mayBeCiliums: Bool {
    service.annotations.keys.contains { key in
      ["service.cilium.io/", "lbipam.cilium.io/", "io.cilium/"].contains { key.hasPrefix($0) }
    }
  }

  /// Nodes take requests to the VIP for it, or will once its status is there.
  var isExposed: Bool { type != .externalName && (type == .loadBalancer || isExternalIP) }

  /// Services that may share one address, as MetalLB allows them to.
  var mayShareAddress: Bool {
    ["metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip"].contains {
      service.annotations[$0] != nil
    }
  }

  /// The text that it was read from does not print this.
  func isUntold(_ field: KubernetesObjects.Field) -> Bool { service.untold.contains(field) }

  /// What kubectl's text leaves out leaves the check open.
  func untold(_ what: String) -> Finding {
    .inconclusive(
      "the text does not tell \(what) of \(service.name)", because: "kubectl prints it with -o yaml alone",
      remedy: "give what \(service.name.command) prints",
      [exhibit(service.line, expected: what, actual: "not told by this text")])
  }

  func exhibit(_ line: Int, expected: String, actual: String) -> Exhibit {
    Exhibit(file.line(line), expected: expected, actual: actual)
  }
}

extension KubernetesObjects.Service {
  fileprivate var asked: [KubernetesObjects.Fact<IPAddress>] { (loadBalancerIP.map { [$0] } ?? []) + annotatedIPs }
  fileprivate var given: [KubernetesObjects.Fact<IPAddress>] { ingress.compactMap(\.ip) }

  /// All addresses that it names, in words.
  var addressText: String {
    let addresses = (asked + given + externalIPs).map(\.value)
    return addresses.isEmpty ? "no address" : Set(addresses).sorted().map(\.description).joined(separator: ", ")
  }
}

extension KubernetesObjects.Port {
  /// Whether requests to the service that is judged go to this port.
  func serves(_ service: ServicePattern) -> Bool {
    guard let port = service.port else { return true }
    return self.port.value == port && service.transport.map { transport.rawValue == $0.name.uppercased() } ?? true
  }
}
