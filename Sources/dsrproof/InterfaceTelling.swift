import Capture
import Checks
import Platform
import Report
import Tables
import Wire

extension LiveOptions {
  /// Prints what was asked for in place of a run; false where nothing was.
  func tellOnly(_ input: InputOptions, beside tables: Tables = Tables(), at vantage: Vantage? = nil) throws -> Bool {
    guard listInterfaces || printFilter else { return false }
    let output = try Output()
    if printFilter {
      let isCooked = !interfaces.isEmpty && interfaces.allSatisfy { $0 == "any" }
      let filter = input.kernelFilter(beside: tables, on: isCooked ? .linuxSLL2 : .ethernet, at: vantage)
      output.write((filter ?? "") + "\n")
    }
    if listInterfaces { output.write(try interfaceListing(input.vip.map(\.address))) }
    try output.finish()
    return true
  }

  private func interfaceListing(_ vips: [IPAddress]) throws -> String {
    let all: [InterfaceDescription]
    do throws(LiveCaptureError) { all = try InterfaceDescription.all() } catch { throw Failure(error) }
    let ways = vips.compactMap { vip in sourceAddress(towards: vip).map { (vip: vip, source: $0) } }
    let width = all.map(\.name.count).max() ?? 0
    return all.map { interface in
      var words = [interface.name + String(repeating: " ", count: width - interface.name.count)]
      words.append(interface.isUp ? "up  " : "down")
      words.append(interface.addresses.map { "\($0.address)/\($0.prefixLength)" }.joined(separator: " "))
      for way in ways where interface.addresses.contains(where: { $0.address == way.source }) {
        words.append("← this host reaches \(way.vip) by it")
      }
      return words.joined(separator: "  ").trimmingSuffix(" ").withoutControls + "\n"
    }.joined()
  }
}

/// The address that this host would send from: what the routing table says. Connecting a UDP socket sends nothing.
func sourceAddress(towards address: IPAddress) -> IPAddress? {
  let family = address.version == .v4 ? AF_INET : AF_INET6
  let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  let own = SocketAddress(address, port: 9)
  guard own.connect(descriptor) else { return nil }
  return SocketAddress(ownOf: descriptor)?.address
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self
    while text.last == character { text.removeLast() }
    return text
  }
}
