import Checks
import Wire

extension PathDrawing {
  /// The drawing as SVG; `nil` where there is none, and `listed` says it all.
  func ladder(of service: ServiceVerdict) -> Ladder? {
    guard !crossing.isEmpty else { return nil }
    let stations = service.stationsByMAC
    return Ladder(
      heads: lanes.map { lane in
        let details = lane.macs.map { stations[$0]?.title ?? [$0.description] }
        // Few stations have room for their names and addresses, more have only room for their MACs.
        let captions = (1...2).contains(details.count) ? details.flatMap { $0 } : lane.captions
        return Ladder.Head(
          title: lane.title, captions: captions,
          whole: ([lane.title] + details.map { $0.joined(separator: " ") }).joined(separator: "; "))
      },
      rungs: crossing.map { arrow in
        Ladder.Rung(
          from: arrow.from, to: arrow.to, label: labels(of: arrow)[0],
          style: arrow.fault != nil ? .fault : arrow.flows == nil ? .unseen : .seen)
      })
  }
}

extension ServiceVerdict {
  var stationsByMAC: [MACAddress: Station] {
    Dictionary((clients + balancers + backends).map { ($0.mac, $0) }) { first, _ in first }
  }
}

extension ServiceVerdict.Station {
  /// Name, addresses and MAC, a line each.
  var title: [String] {
    let shown =
      addresses.count <= 2 ? addresses.map(\.description) : ["\(addresses[0])", "and \(addresses.count - 1) more"]
    return [name].compactMap { $0 } + shown + [mac.description]
  }
}

extension Ladder {
  /// As an element of an HTML page. On a narrow screen it shrinks, as long as it can be read; a wider one is scrolled.
  func element() -> Markup {
    Markup(
      "svg",
      [
        "role": "img", "aria-label": description, "viewBox": "0 0 \(width) \(height)",
        "style": "width:\(width * 23 / 20)px;min-width:\(width * 17 / 20)px",
      ]
    ) { markup }
  }
}
