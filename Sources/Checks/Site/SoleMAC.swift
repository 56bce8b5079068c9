import Wire

/// The only MAC that was seen in some part, or that there were several.
enum SoleMAC: Sendable {
  case one(MACAddress)
  case several

  func adding(_ mac: MACAddress) -> SoleMAC {
    guard case .one(let known) = self, known == mac else { return .several }
    return self
  }

  var mac: MACAddress? {
    guard case .one(let mac) = self else { return nil }
    return mac
  }
}
