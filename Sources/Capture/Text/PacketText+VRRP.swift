import Wire

extension PacketText {
  /// `VRRPv2, Advertisement, vrid 51, prio 100, authtype none, intvl 1s, length 20, addrs: 10.1.10.10`. Without -v the addresses
  /// are not printed.
  mutating func redundancy() -> BuiltLayer {
    // 4.9.3 puts addresses in front.
    if scanner.take("vrrp ") { _ = scanner.skip(behind: ": ", within: 120) }
    let isSecond = scanner.take("VRRPv2,")
    guard isSecond || scanner.take("VRRPv3,"), scanner.take("Advertisement,"), scanner.take("vrid "),
      let router = scanner.number(), scanner.take(","), scanner.take("prio "), let priority = scanner.number(),
      scanner.skip(behind: "intvl ", within: 60), let interval = scanner.number(),
      scanner.skip(behind: "length ", within: 12), scanner.number() != nil
    else { return BuiltLayer([0]) }
    var addresses: [IPAddress] = []
    if scanner.take(", addrs") || scanner.take("addrs") || scanner.take(",") {
      _ = scanner.take("addrs")
      if scanner.take("(") { _ = scanner.skip(behind: ")", within: 8) }
      _ = scanner.take(":")
      while addresses.count < 255, let address = PrintedAddress(scanner.word(before: ",")), address.port == nil {
        addresses.append(address.address)
        guard scanner.begins(with: ",") else { break }
        _ = scanner.take(",")
      }
    }
    var bytes: [UInt8] = [isSecond ? 0x21 : 0x31, UInt8(clamping: router), UInt8(clamping: priority)]
    bytes.append(UInt8(addresses.count))
    if isSecond {
      bytes += [0, UInt8(clamping: interval)]
    } else {
      bytes.add(UInt16(clamping: min(interval, 4095)))
    }
    bytes += [0, 0]
    for address in addresses { bytes.add(address) }
    return BuiltLayer(isSecond ? bytes + [0, 0, 0, 0, 0, 0, 0, 0] : bytes)
  }
}
