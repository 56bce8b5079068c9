import Checks
import Wire

extension PathDrawing {
  /// The drawing as SVG; `nil` where there is none, and `listed` says it all.
  func ladder(of service: ServiceVerdict) -> Ladder? {
    guard !crossing.isEmpty else { return nil }
    let titles = service.titlesByMAC
    return Ladder(
      heads: lanes.map { lane in
        let details = lane.macs.map { titles[$0] ?? [$0.description] }
        // Few stations have room for their names and addresses, more have only room for their MACs.
        let hasRoom = (1...2).contains(details.count) && !lane.hasOthers
        let captions = hasRoom ? details.flatMap { $0 } : lane.captions
        return Ladder.Head(
          title: lane.title, captions: captions,
          whole: ([lane.title] + details.map { $0.joined(separator: " ") } + (lane.hasOthers ? ["and others"] : []))
            .joined(separator: "; "))
      },
      rungs: crossing.map { arrow in
        Ladder.Rung(
          from: arrow.from, to: arrow.to, label: labels(of: arrow)[0],
          style: arrow.fault != nil ? .fault : arrow.flows == nil ? .unseen : .seen)
      })
  }
}

extension ServiceVerdict {
  /// What is written on each station: name, addresses and MAC, a line each.
  var titlesByMAC: [MACAddress: [String]] {
    let titles = (clients + balancers + backends).map { station in
      let addresses = station.addresses.filter { $0.version == service.address.version }.map(\.description)
      let shown = addresses.count <= 2 ? addresses : addresses.prefix(1) + ["and \(addresses.count - 1) more"]
      return (station.mac, [station.name].compactMap { $0 } + shown + [station.mac.description])
    }
    return Dictionary(titles) { first, _ in first }
  }
}

extension Ladder {
  /// As an element of an HTML page. On a narrow screen it shrinks.
  func element() -> Markup {
    Markup(
      "svg",
      [
        "role": "img", "aria-label": description, "viewBox": "0 0 \(width) \(height)",
        // No style of its own: a page that runs a script allows none.
        "width": "\(width * 23 / 20)",
      ]
    ) { markup }
  }
}
