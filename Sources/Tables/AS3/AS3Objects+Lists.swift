import Wire

/// Addresses and ports that stand in objects of their own.
///
/// Source: f5-appsvcs-extension `src/schema/latest/core-schema.json` (Service_Address) and `def-net-schema.json`
/// (Net_Address_List, Net_Port_List); Firewall_Address_List and Firewall_Port_List have the same members.
extension AS3Objects {
  /// Lists may name lists.
  private static let depthLimit = 8
  /// A virtual server with more ports than this counts as one whose port is not known.
  private static let portLimit = 1024

  /// The addresses that an entry of `virtualAddresses` stands for: at least one, without a subnet where it is not known.
  func addresses(of node: DocumentNode, _ place: Place, depth: Int = 0) -> [AS3Declaration.Address] {
    if let text = node.text {
      let subnets = Subnet.all(ofText: text)
      return (subnets.isEmpty ? [nil] : subnets.map(Optional.some)).map {
        AS3Declaration.Address(subnet: $0, written: text, line: node.line)
      }
    }
    var unknown = [AS3Declaration.Address(subnet: nil, written: node.written, line: node.line)]
    if let path = node["bigip"]?.text {
      // AS3 itself writes the address beside the path.
      if let address = node["address"], address.text != nil { return addresses(of: address, place) }
      // Else the name is the address, as BIG-IP makes it; nothing tells its mask.
      let subnet = path.split(separator: "/").last.flatMap { Subnet.all(ofText: String($0)).first }
      if let subnet { unknown.append(AS3Declaration.Address(subnet: subnet, written: path, line: node.line)) }
      return unknown
    }
    guard depth < Self.depthLimit, let pointer = node.pointer,
      let named = find(
        pointer, ofClass: "Service_Address", "Net_Address_List", "Firewall_Address_List", from: place)
    else { return unknown }
    if named.kind == "Service_Address" {
      guard let address = named.node["virtualAddress"] else { return unknown }
      return addresses(of: address, named.place, depth: depth + 1).map { found in
        var found = found
        found.answersARP = named.node.flag("arpEnabled", default: true)
        return found
      }
    }
    let members = ["addresses", "addressLists", "fqdns", "geo"].flatMap { named.node[$0]?.items ?? [] }
    let found = members.flatMap { addresses(of: $0, named.place, depth: depth + 1) }
    return found.isEmpty ? unknown : found
  }

  /// The ports of a list of ports, 0 for every one; `nil` where they are not known, or too many.
  func ports(listedBy node: DocumentNode, _ place: Place, depth: Int = 0) -> [UInt16]? {
    guard depth < Self.depthLimit, let pointer = node.pointer,
      let named = find(pointer, ofClass: "Net_Port_List", "Firewall_Port_List", from: place)
    else { return nil }
    var found: [UInt16] = []
    for entry in named.node["ports"]?.items ?? [] {
      let ends = (entry.text ?? "").split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        return nil
      }
      if first <= 1, last == .max { return [0] }
      guard found.count + Int(last - first) < Self.portLimit
      else { return nil }
      found += first...last
    }
    for list in named.node["portLists"]?.items ?? [] {
      guard let more = ports(listedBy: list, named.place, depth: depth + 1), found.count + more.count <= Self.portLimit
      else { return nil }
      found += more
    }
    return found
  }
}

extension Subnet {
  /// Reads `10.1.10.10`, `10.1.10.0/24`, `10.1.10.10%2/32` with a route domain, or `10.1.10.10-10.1.10.19`; 0.0.0.0 and ::
  /// stand for every address. Empty for anything else.
  fileprivate static func all(ofText text: String) -> [Subnet] {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    if ends.count == 2, let first = host(ends[0]), let last = host(ends[1]) { return all(from: first, to: last) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = parts.first.flatMap(host) else { return [] }
    guard parts.count == 2 else {
      let isAny = address.high == 0 && address.low == 0
      return [Subnet(address, length: isAny ? 0 : address.bitWidth)]
    }
    guard let length = UInt8(parts[1]), length <= address.bitWidth else { return [] }
    return [Subnet(address, length: Int(length))]
  }

  /// An address, perhaps with its route domain.
  private static func host(_ text: Substring) -> IPAddress? {
    let parts = text.split(separator: "%", omittingEmptySubsequences: false)
    return parts.count <= 2 ? parts.first.flatMap { IPAddress(String($0)) } : nil
  }

  /// The fewest subnets that hold just these addresses.
  private static func all(from first: IPAddress, to last: IPAddress) -> [Subnet] {
    guard first.version == last.version else { return [] }
    let width = first.bitWidth
    let number = { (address: IPAddress) in UInt128(address.high) << 64 | UInt128(address.low) }
    var next = number(first)
    let end = number(last)
    var found: [Subnet] = []
    while next <= end {
      // As large as where it begins, and where the range ends, allow.
      var bits = min(next.trailingZeroBitCount, width)
      while bits > 0, bits == 128 || next + (UInt128(1) << UInt128(bits) - 1) > end { bits -= 1 }
      let address =
        first.version == .v4
        ? IPAddress(v4: UInt32(truncatingIfNeeded: next))
        : IPAddress(v6High: UInt64(truncatingIfNeeded: next >> 64), low: UInt64(truncatingIfNeeded: next))
      found.append(Subnet(address, length: width - bits))
      let (following, overflow) = next.addingReportingOverflow(UInt128(1) << UInt128(bits))
      if overflow { break }
      next = following
    }
    return found
  }
}
