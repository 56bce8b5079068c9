/// Where a URL of http or https leads: RFC 3986 section 3.
struct ProbeURL: Equatable {
  var host: String
  /// The scheme's own where the URL names none.
  var port: UInt16

  /// `nil` for anything else, and for a URL without a host.
  init?(_ text: String) {
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }),
      let scheme = ["http", "https"].first(where: { text.hasPrefix("\($0)://") })
    else { return nil }
    let rest = text.dropFirst(scheme.count + 3)
    let authority = rest.prefix { !["/", "?", "#"].contains($0) }
    // Whatever stands before the last sign is a user's.
    let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    let end =
      place.hasPrefix("[") ? place.firstIndex(of: "]").map { place.index(after: $0) } : place.firstIndex(of: ":")
    guard !place.hasPrefix("[") || end != nil else { return nil }
    host = String(place[..<(end ?? place.endIndex)])
    let port = place[(end ?? place.endIndex)...]
    guard !host.isEmpty, host != "[]", port.isEmpty || port.hasPrefix(":") else { return nil }
    let standard: UInt16 = scheme == "https" ? 443 : 80
    guard let number = port.count <= 1 ? standard : UInt16(port.dropFirst()) else { return nil }
    self.port = number
  }
}
