import Evidence
import Tables
public import Wire

/// Why a host does not take requests out of the tunnel that leads to it, by its own tables.
public enum TunnelEndFault: Hashable, Sendable {
  /// No interface of it is of the tunnel's kind.
  case noDevice
  case down(device: String)
  /// The device takes another VNI or key, or packets without one.
  case otherIdentifier(device: String, UInt32?)
  /// The device takes packets from another address.
  case otherRemote(device: String, IPAddress)
  /// What comes out of the device is dropped, for the way back leads elsewhere.
  case rpFilter(device: String, Int)
  /// The tunnel claims to come from an address that the host has itself.
  case ownSource(IPAddress)

  /// It is the device that does not open the tunnel.
  var isOfDevice: Bool {
    switch self {
    case .noDevice, .down, .otherIdentifier, .otherRemote: true
    case .rpFilter, .ownSource: false
    }
  }

  /// In a clause.
  var text: String {
    switch self {
    case .noDevice: "no interface of it opens the tunnel"
    case .down(let device): "\(device) is down"
    case .otherIdentifier(let device, let identifier?): "\(device) takes VNI or key \(identifier)"
    case .otherIdentifier(let device, nil): "\(device) takes packets without VNI or key"
    case .otherRemote(let device, let remote): "\(device) takes packets from \(remote)"
    case .rpFilter(let device, let value): "rp_filter is \(value) on \(device)"
    case .ownSource(let address): "it has \(address) itself, which the tunnel bears as its source"
    }
  }
}

/// What a host's tables tell of its end of a tunnel.
enum TunnelEnd {
  /// Nothing in them keeps it from opening the tunnel.
  case fits
  /// They do not tell of which kind its interfaces are, or this is no tunnel that a device opens.
  case unknown
  case fault(TunnelEndFault, [Exhibit])
}

extension ServiceCase {
  /// The tunnels that requests were seen in that lead to an address of the host.
  func tunnels(to host: HostTables) -> [Encapsulation.Layer] {
    var found: [Encapsulation.Layer] = []
    for (layer, _) in flows.flatMap({ tunnels(of: $0) }) {
      guard !found.contains(layer), let end = layer.destination, host.has(end) else { continue }
      found.append(layer)
    }
    return found
  }

  /// The host that alone has the address that a tunnel leads to; `nil` where none or several have.
  func host(atTheEndOf layer: Encapsulation.Layer) -> HostTables? {
    guard let end = layer.destination else { return nil }
    let hosts = tables.hosts.filter { $0.has(end) }
    return hosts.count == 1 ? hosts.first : nil
  }

  /// What the tables of the host that a tunnel leads to say of its end there.
  func end(of layer: Encapsulation.Layer, at host: HostTables) -> TunnelEnd {
    guard host.texts.contains(.addresses) else { return .unknown }
    let kinds = TunnelDevice.Kind.opening(layer)
    if kinds.isEmpty { return .unknown }
    if let source = layer.source, let line = host.lineOfOwnSource(source, of: layer.tunnel) {
      return .fault(.ownSource(source), [Exhibit(line, expected: "no \(source)", actual: "\(source)")])
    }
    let ends = host.interfaces.filter { $0.tunnel?.kind.opens(layer) ?? false }
    let wanted = "a device of type \(kinds.map(\.rawValue).sorted().joined(separator: ", ")), up"
    guard let first = ends.first else {
      if !host.hasLinkDetails, kinds.contains(where: \.isToldByDetailsAlone) { return .unknown }
      let line = TableLine(path: host.interfaces.first?.line.path ?? host.path, number: 0)
      return .fault(.noDevice, [Exhibit(line, expected: wanted, actual: "none")])
    }
    let up = ends.filter { $0.flags.contains("UP") }
    if up.isEmpty {
      return .fault(
        .down(device: first.name), [Exhibit(first.line, expected: wanted, actual: "\(first.name), not up")])
    }
    let mismatches = up.compactMap { end in end.tunnel?.mismatch(layer).map { (end, $0) } }
    if mismatches.count == up.count, let (end, mismatch) = mismatches.first {
      return .fault(
        TunnelEndFault(mismatch, of: end.name),
        [Exhibit(end.line, expected: layer.text, actual: "\(end.name): \(mismatch.text)")])
    }
    return filter(of: up.filter { $0.tunnel?.mismatch(layer) == nil }, at: host) ?? .fits
  }

  /// The filter that drops what comes out of these devices, all of them; `nil` where one lets it pass, or may.
  private func filter(of ends: [HostTables.Interface], at host: HostTables) -> TunnelEnd? {
    guard service.address.version == .v4 else { return nil }
    var first: (device: String, exhibits: [Exhibit])?
    for end in ends {
      guard case .fail(_, _, let exhibits) = judgeTunnelEnd(end, of: host) else { return nil }
      first = first ?? (end.name, exhibits)
    }
    guard let first, let value = host.effective("rp_filter", on: first.device)?.value else { return nil }
    return .fault(.rpFilter(device: first.device, value), first.exhibits)
  }
}

extension TunnelEndFault {
  fileprivate init(_ mismatch: TunnelDevice.Mismatch, of device: String) {
    switch mismatch {
    case .identifier(let identifier): self = .otherIdentifier(device: device, identifier)
    case .remote(let remote): self = .otherRemote(device: device, remote)
    }
  }
}

extension TunnelDevice.Mismatch {
  fileprivate var text: String {
    switch self {
    case .identifier(let identifier): identifier.map { "VNI or key \($0)" } ?? "no VNI or key"
    case .remote(let remote): "from \(remote)"
    }
  }
}

extension Encapsulation.Layer {
  fileprivate var text: String {
    tunnel.entry.name + (identifier.map { ", \(tunnel.entry.identifier ?? "") \($0)" } ?? "")
      + (source.map { ", from \($0)" } ?? "")
  }
}

extension HostTables {
  /// An interface of it has this address.
  func has(_ address: IPAddress) -> Bool { interfaces.contains { $0.has(address) } }

  /// The line by which it has the tunnel's own source, where it drops packets that bear such a one.
  ///
  /// Source: linux `net/ipv6/ip6_tunnel.c`, `ip6_tnl_rcv_ctl` (of IP in IP and GRE); `net/ipv4/fib_frontend.c`,
  /// `fib_validate_source` (of all of IPv4, unless accept_local is 1).
  fileprivate func lineOfOwnSource(_ source: IPAddress, of tunnel: Tunnel) -> TableLine? {
    guard let own = interfaces.flatMap(\.addresses).first(where: { $0.address == source }) else { return nil }
    switch source.version {
    case .v6: return tunnel == .ipip || tunnel == .gre ? own.line : nil
    case .v4:
      let isDropped = interfaces.allSatisfy { interface in
        effective("accept_local", on: interface.name).map { $0.value == 0 } ?? false
      }
      return isDropped ? own.line : nil
    }
  }
}
