import Capture
import Checks
import Platform
import Report
import Wire

extension LiveOptions {
  /// Warns where the interfaces do not stand where the VIPs' traffic passes, as far as this host's own routes tell.
  func warn(about vips: [IPAddress]) {
    let all = (try? InterfaceDescription.all()) ?? []
    let captured = interfaces.map { name in
      let own = all.first { $0.name == name }
      // Every IPv6 interface has a link-local address, which is nobody's way to a VIP.
      let addresses = own?.addresses.filter { !$0.address.isLinkLocal } ?? []
      return LiveAdvice.Captured(name: name, isLoopback: own?.isLoopback ?? false, hasAddress: !addresses.isEmpty)
    }
    let routes = Set(vips).sorted().map { vip in
      (
        vip: vip,
        answer: HostRoute.towards(vip, from: probes.probeFrom.flatMap { $0.version == vip.version ? $0 : nil })
      )
    }
    let arguments = Array(CommandLine.arguments.dropFirst())
    for advice in LiveAdvice.all(captured, routes: routes, asks: makesTraffic, passes: LinkTie.passes) {
      complain("warning: \(advice.text { LiveAdvice.command(arguments, on: $0) })")
    }
  }

  /// That it listens, on what and until when.
  func listening(on interfaces: [LiveInterface], for services: [ServicePattern], frameLimit: Int?) -> String {
    let names = interfaces.map { "\($0.name) (\($0.linkType.pcapName))" }.joined(separator: ", ")
    let what = services.isEmpty ? "every service" : listed(services) { $0.url }
    return "listening on \(names) for \(what), until \(end(frameLimit: frameLimit))"
  }

  private func end(frameLimit: Int?) -> String {
    var ends: [String] = []
    if let duration { ends.append("\(duration / .seconds(1)) s have passed") }
    if let frameLimit { ends.append("\(counted(frameLimit, "frame")) came") }
    if let flows { ends.append("\(counted(flows, "flow")) \(flows == 1 ? "is" : "are") decided") }
    if untilVerdict { ends.append("the verdict is") }
    if makesTraffic, hasNoOtherEnd { ends.append("a second after what it asks itself") }
    return (ends + ["Ctrl-C or SIGTERM"]).joined(separator: ", or ")
  }
}
