public import Wire

/// An interface that takes packets out of tunnels of one kind.
///
/// Source: ip-link(8); iproute2 `ip/link_gre.c`, `link_iptnl.c`, `iplink_vxlan.c`, `iplink_geneve.c`.
public struct TunnelDevice: Sendable, Hashable {
  public var kind: Kind
  /// The VNI or key that it takes; `nil` where it has none, or the text was printed without details.
  public var identifier: UInt32?
  /// Whom it takes packets from; `nil` for anybody.
  public var remote: IPAddress?
  /// It takes every identifier, and programs or routes tell them apart (`external`).
  public var isExternal = false
  /// The text tells identifier and remote.
  public var hasDetails = false

  public init(_ kind: Kind) { self.kind = kind }

  /// As `ip -d` names it.
  public enum Kind: String, Sendable, CaseIterable {
    case ipip, sit, gre, gretap, erspan, ip6tnl, ip6gre, ip6gretap, ip6erspan, vxlan, geneve, bareudp

    /// By the type of its link, which is printed without details too. Devices that carry Ethernet have Ethernet's own.
    init?(linkType: String) {
      switch linkType {
      case "ipip": self = .ipip
      case "sit": self = .sit
      case "gre": self = .gre
      case "tunnel6": self = .ip6tnl
      case "gre6": self = .ip6gre
      default: return nil
      }
    }

    /// The tunnels that it opens. GUE and FOU are opened at a UDP port (ip-fou(8)), and what is in them by such a device.
    fileprivate var tunnels: Set<Tunnel> {
      switch self {
      case .ipip, .sit, .ip6tnl, .gre, .gretap, .ip6gre, .ip6gretap:
        isGRE ? [.gre, .gue, .fou] : [.ipip, .gue, .fou]
      case .erspan, .ip6erspan: [.erspan]
      case .vxlan: [.vxlan, .vxlanGPE]
      case .geneve: [.geneve]
      case .bareudp: [.mplsOverUDP]
      }
    }

    fileprivate var isGRE: Bool { [.gre, .gretap, .ip6gre, .ip6gretap].contains(self) }

    /// The version of the addresses of the tunnel; `nil` where the kind does not tell.
    fileprivate var version: IPAddress.Version? {
      switch self {
      case .ipip, .sit, .gre, .gretap, .erspan: .v4
      case .ip6tnl, .ip6gre, .ip6gretap, .ip6erspan: .v6
      case .vxlan, .geneve, .bareudp: nil
      }
    }

    /// Whether it carries Ethernet frames; `nil` where it may carry both.
    private var carriesFrames: Bool? {
      switch self {
      case .gre, .ip6gre, .ipip, .sit, .ip6tnl, .bareudp: false
      case .gretap, .ip6gretap, .erspan, .ip6erspan, .geneve: true
      case .vxlan: nil
      }
    }

    /// It is of the kind that opens such a tunnel.
    public func opens(_ layer: Encapsulation.Layer) -> Bool {
      guard tunnels.contains(layer.tunnel), version.map({ $0 == layer.destination?.version }) ?? true else {
        return false
      }
      // GUE and FOU may carry anything, and Geneve IP at once.
      if [.gue, .fou, .geneve].contains(layer.tunnel) { return true }
      return (carriesFrames ?? (layer.carrier != nil)) == (layer.carrier != nil)
    }

    /// The kinds that open such a tunnel; none where this is no tunnel that a device of Linux opens.
    public static func opening(_ layer: Encapsulation.Layer) -> [Kind] { allCases.filter { $0.opens(layer) } }

    /// Its link is Ethernet's, so that a text without details does not tell it from other interfaces.
    public var isToldByDetailsAlone: Bool {
      self != .ipip && self != .sit && self != .gre && self != .ip6tnl && self != .ip6gre
    }
  }

  /// Why a device of the right kind does not take what comes in a tunnel.
  public enum Mismatch: Sendable, Hashable {
    /// It takes this identifier, or packets without one.
    case identifier(UInt32?)
    /// It takes packets from this address.
    case remote(IPAddress)
  }

  /// `nil` where it takes them, and where the text does not tell.
  ///
  /// Source: linux `net/ipv4/ip_tunnel.c`, `ip_tunnel_lookup`; `drivers/net/vxlan/vxlan_core.c`, `vxlan_vs_find_vni`;
  /// `drivers/net/geneve.c`, `geneve_lookup`.
  public func mismatch(_ layer: Encapsulation.Layer) -> Mismatch? {
    guard hasDetails, !isExternal else { return nil }
    // The kernel's own gre0 takes every key, and is printed like any other without key and ends.
    let mayTakeAny = kind.isGRE && identifier == nil && remote == nil
    if Tunnel.withIdentifier.contains(layer.tunnel), !mayTakeAny, identifier != layer.identifier {
      return .identifier(identifier)
    }
    // VXLAN takes its VNI from anybody.
    if kind != .vxlan, let remote, !remote.isMulticastOrBroadcast, remote != layer.source { return .remote(remote) }
    return nil
  }
}

extension Tunnel {
  /// Those whose device takes one identifier alone.
  fileprivate static let withIdentifier: Set<Tunnel> = [.gre, .vxlan, .vxlanGPE, .geneve]
}

extension TunnelDevice {
  /// Of an entry of `ip -j addr`; `nil` for what is no tunnel.
  init?(_ node: DocumentNode) {
    let details = node["linkinfo"]
    guard
      let kind = (details?["info_kind"]?.text).flatMap(Kind.init(rawValue:))
        ?? node["link_type"]?.text.flatMap(Kind.init(linkType:))
    else { return nil }
    self.init(kind)
    guard let data = details?["info_data"] else { return }
    hasDetails = true
    // A key is printed like an IPv4 address.
    let key = data["ikey"]?.text.flatMap { text in
      UInt32(text) ?? IPAddress(text).flatMap { $0.version == .v4 ? UInt32(truncatingIfNeeded: $0.low) : nil }
    }
    identifier = data["id"]?.text.flatMap { UInt32($0) } ?? key
    remote = ["remote", "remote6"].lazy.compactMap { data[$0]?.text.flatMap { IPAddress($0) } }.first {
      !$0.isUnspecified
    }
    isExternal = data.has("external") || data.has("collect_metadata")
  }
}
