public import Wire

/// What Kubernetes is told, and says, about the services that it exposes: the objects that the checks know, each fact
/// with its line.
///
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/
public struct KubernetesObjects: Sendable, Equatable {
  public var services: [Service] = []
  /// Old Endpoints objects are here as well.
  public var endpointSlices: [EndpointSlice] = []
  public var nodes: [Node] = []
  public var proxyConfigurations: [ProxyConfiguration] = []

  public init() {}

  /// A value and the line that it stands in.
  public struct Fact<Value: Sendable & Equatable>: Sendable, Equatable {
    public var value: Value
    public var line: Int

    public init(_ value: Value, line: Int) {
      self.value = value
      self.line = line
    }
  }

  public struct Name: Hashable, Sendable, CustomStringConvertible {
    /// Empty where the text does not print it: it is none of those that are named then.
    public var namespace: String
    public var name: String
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
    /// What asks kubectl for the Service of this name.
    public var command: String {
      "kubectl get service \(name)\(namespace.isEmpty ? "" : " -n \(namespace)") -o yaml"
    }

    public init(namespace: String, name: String) {
      self.namespace = namespace
      self.name = name
    }
  }

  public struct Service: Sendable, Equatable {
    public var name: Name
    public var line: Int
    /// What the text it was read from does not print: there absence says nothing.
    public var untold: Set<Field> = []
    /// It bears what the API server alone writes: a uid, or a status. A manifest does not.
    public var isFromCluster = false
    public var labels: [String: Fact<String>] = [:]
    public var annotations: [String: Fact<String>] = [:]
    /// The line of `spec`, or of the object where there is none.
    public var specLine: Int
    /// ClusterIP where it is not said.
    public var type: Fact<ServiceType>?
    public var loadBalancerIP: Fact<IPAddress>?
    /// Asked of MetalLB, kube-vip or Cilium by annotation.
    public var annotatedIPs: [Fact<IPAddress>] = []
    public var externalIPs: [Fact<IPAddress>] = []
    /// Cluster where it is not said.
    public var externalTrafficPolicy: Fact<TrafficPolicy>?
    public var ports: [Port] = []
    /// The line of `status.loadBalancer`, of `status`, or of the object: whichever there is.
    public var statusLine: Int
    public var ingress: [Ingress] = []

    init(name: Name, line: Int) {
      self.name = name
      self.line = line
      specLine = line
      statusLine = line
    }
  }

  /// What YAML and JSON tell of a Service, and not every text of kubectl's.
  public enum Field: Sendable, CaseIterable {
    case externalTrafficPolicy
    /// The addresses that are asked for: loadBalancerIP, and annotations.
    case addressesAskedFor
    case ipMode, labels, targetPort
  }

  public enum ServiceType: String, Sendable, CaseIterable {
    case clusterIP = "ClusterIP"
    case nodePort = "NodePort"
    case loadBalancer = "LoadBalancer"
    case externalName = "ExternalName"
  }

  public enum TrafficPolicy: String, Sendable, CaseIterable {
    case cluster = "Cluster"
    case local = "Local"
  }

  public enum Transport: String, Sendable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
  }

  /// A port of a Service.
  public struct Port: Sendable, Equatable {
    /// Empty where it has none.
    public var name: String
    public var transport: Transport
    public var port: Fact<UInt16>
    public var nodePort: Fact<UInt16>?
    /// The port's own where it is not said.
    public var targetPort: Fact<TargetPort>?
  }

  public enum TargetPort: Sendable, Equatable {
    case number(UInt16)
    /// As a container names it.
    case name(String)
  }

  /// Where the load balancer is, as its controller says: `status.loadBalancer.ingress`.
  public struct Ingress: Sendable, Equatable {
    public var line: Int
    /// `nil` where there is a host name instead.
    public var ip: Fact<IPAddress>?
    /// `ipMode: Proxy`: requests come with a node's address as their destination, not with the VIP.
    public var proxyMode: Fact<String>?
  }

  public struct EndpointSlice: Sendable, Equatable {
    public var line: Int
    /// The Service that it belongs to.
    public var service: Name
    public var endpoints: [Endpoint] = []
    public var ports: [EndpointPort] = []
  }

  public struct Endpoint: Sendable, Equatable {
    public var line: Int
    public var addresses: [IPAddress]
    public var nodeName: String?
    /// kube-proxy sends requests there: it is ready, or still serves while it ends and none is ready.
    public var isUsable: Fact<Bool>
  }

  public struct EndpointPort: Sendable, Equatable {
    /// As the Service's port.
    public var name: String
    public var transport: Transport
    public var port: Fact<UInt16>
  }

  public struct Node: Sendable, Equatable {
    public var name: String
    public var line: Int
    public var addresses: [IPAddress] = []
  }

  /// KubeProxyConfiguration, from the ConfigMap or by itself.
  public struct ProxyConfiguration: Sendable, Equatable {
    public var line: Int
    /// Empty or missing: the platform's default, which is iptables on Linux.
    public var mode: Fact<String>?
    /// The line of `ipvs`, where there is one.
    public var ipvsLine: Int?
    /// False where it is not said.
    public var strictARP: Fact<Bool>?
  }
}
