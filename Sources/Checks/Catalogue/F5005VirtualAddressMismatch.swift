import Tables
import Wire

extension Check {
  static let virtualAddressMismatch = Check(
    id: "F5005", slug: "virtual-address-mismatch",
    title: "The declared virtual server has another address than the VIP",
    page: Page(
      looksFor: """
        The check looks for an enabled virtual server with the VIP's address, protocol and port. If there is none, it
        fails if exactly one virtual server has that protocol and port and does not translate the destination address,
        as nPath needs, and if its address is no other VIP that the user names. Otherwise it is undecided: the
        declaration may belong to another service. It judges only services that the user names, not those that it
        finds in the traffic.
        """,
      whyItMatters: """
        BIG-IP takes packets only for the addresses of its virtual servers. With another address it neither answers
        ARP for the VIP nor hands its requests on. Whoever answers is another host.
        """,
      howToMend: """
        Write the VIP into virtualAddresses. The backends must have the same address, and with Kubernetes so must
        status.loadBalancer.ingress of the Service.
        """,
      sources: [
        "F5Networks/f5-appsvcs-extension src/schema/latest/core-schema.json (Service_Core, virtualAddresses)",
        "F5 K14800 (which virtual server takes a packet)",
      ])
  ) { service in
    let wanted = service.service
    if service.tables.as3.isEmpty { return .notApplicable("no AS3 declaration was given") }
    let taking = service.bigIPVirtuals()
    if let found = taking.first(where: { $0.allSatisfy { $0.virtual.doubt == nil } })?.first {
      return .pass("\(found.virtual.path) has \(wanted.text)")
    }
    if let found = taking.first?.first(where: { $0.virtual.doubt != nil }), let doubt = found.virtual.doubt {
      return .inconclusive(
        "\(found.virtual.path) has \(wanted.text), but may not run as it is declared", because: doubt.text,
        next: .checkDeclaration, found.addresses(expected: wanted.text))
    }
    if !service.policy.namesServices {
      return .notApplicable("nobody named it, and no virtual server has it")
    }
    let all = service.tables.bigIPVirtuals
    let possible = all.filter {
      $0.takesRequests && $0.mayTake(wanted)
        && $0.length(matching: wanted.address) == nil
    }
    let direct = possible.filter { $0.virtual.translatesAddress.value == false }
    let isAnothers = direct.contains { found in
      service.policy.services.contains { found.mayTake($0) && found.length(matching: $0.address) != nil }
    }
    // A declaration and the answer to it, or one that was given twice, name the same one.
    let isOne = Set(direct.map { [$0.virtual.path] + $0.virtual.addresses.map(\.written) }).count == 1
    let isSure =
      isOne && !isAnothers && direct.allSatisfy(\.isWhollyKnown)
      && !all.contains { $0.length(matching: wanted.address) != nil || !$0.isWhollyKnown }
    let evidence = (direct.isEmpty ? all : direct).flatMap { $0.addresses(expected: wanted.text) }
    if isSure, let found = direct.first {
      return .fail(
        "\(found.virtual.path) has another address than \(wanted.address)",
        because: "it is the only virtual server for direct return that is declared for that protocol and port",
        remedy: "write \(wanted.address) into its virtualAddresses", evidence)
    }
    return .inconclusive(
      "no virtual server that is declared takes \(wanted.text)",
      because: all.isEmpty
        ? "the declaration has no virtual server"
        : "there are \(all.prefix(3).map(\.text).joined(separator: ", "))\(all.count > 3 ? ", …" : "")",
      next: .checkDeclaration, evidence)
  }
}

extension BigIPVirtual {
  fileprivate var isWhollyKnown: Bool {
    // One without an address is a part: AS3 wants one, which a template of BIG-IQ may bring.
    virtual.doubt == nil && !virtual.addresses.isEmpty && virtual.addresses.allSatisfy { $0.subnet != nil }
      && virtual.port.value != nil && virtual.layer4.value != nil
  }

  /// `/T/A/web (10.1.10.10:80)`.
  fileprivate var text: String {
    let addresses = virtual.addresses.prefix(2).map(\.written).joined(separator: ", ")
    let port = virtual.port.value.map { $0 == 0 ? "" : " port \($0)" } ?? ""
    return "\(virtual.path) (\(addresses)\(port)\(virtual.isEnabled.value == false ? ", disabled" : ""))"
  }

  fileprivate func addresses(expected: String) -> [Exhibit] {
    virtual.addresses.map { Exhibit(line($0.line), expected: expected, actual: text(of: $0)) }
  }

  private func text(of address: AS3Declaration.Address) -> String {
    address.written + (virtual.port.value.map { $0 == 0 ? "" : ", virtualPort \($0)" } ?? "")
  }
}
