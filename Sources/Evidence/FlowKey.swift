import Wire

/// The 5-tuple of a flow with its ends in a fixed order, whoever sent first: the lower end, then the higher.
protocol FlowKey: Hashable, Sendable {
  associatedtype Addresses: BitwiseCopyable, Hashable, Sendable

  /// Of both ends.
  var addresses: Addresses { get }
  /// The lower end's in the upper half.
  var ports: UInt32 { get }
  var transport: TransportProtocol { get }
  init(addresses: Addresses, ports: UInt32, transport: TransportProtocol)

  /// A hash of both that nobody can steer who does not know a part of `number`.
  static func hash(_ addresses: Addresses, _ number: UInt64) -> UInt64
  /// Some bits of all of them.
  var addressesFolded: UInt32 { get }
  var lower: Endpoint { get }
  var higher: Endpoint { get }

  /// The key of a flow, and which of its ends sent. Both have addresses of the key's version.
  static func ordered(_ transport: TransportProtocol, from: Endpoint, to: Endpoint) -> (key: Self, end: FlowEnd)
}

extension FlowKey {
  var lowerPort: UInt16 { UInt16(truncatingIfNeeded: ports >> 16) }
  var higherPort: UInt16 { UInt16(truncatingIfNeeded: ports) }
}

/// Another number with the same bits.
@inline(__always)
private func turned(_ number: UInt64) -> UInt64 { number << 32 | number >> 32 }

/// One end of a flow.
struct FlowEnd: Hashable, Sendable {
  /// 0 for the lower, 1 for the higher.
  let index: Int

  @inline(__always)
  init(isHigher: Bool) { index = isHigher ? 1 : 0 }

  static let lower = FlowEnd(isHigher: false)
  static let higher = FlowEnd(isHigher: true)
}

struct FlowKeyV4: FlowKey {
  /// The lower end's in the upper half.
  var addresses: UInt64
  var ports: UInt32
  var transport: TransportProtocol

  @inline(__always)
  static func hash(_ addresses: UInt64, _ number: UInt64) -> UInt64 {
    // Both factors of the product bear the seed: an address that makes a known factor a power of two would leave bits of
    // the other as they are.
    mix(addresses ^ turned(number), number)
  }

  @inline(__always)
  var addressesFolded: UInt32 {
    UInt32(truncatingIfNeeded: addresses >> 32) &* 0x9e37_79b1 ^ UInt32(truncatingIfNeeded: addresses)
  }

  /// The key of a flow, and which of its ends sent. Without a branch: whether a frame is a request or a reply follows no
  /// pattern that a processor could guess.
  @inline(__always)
  static func ordered(
    _ transport: TransportProtocol, _ from: UInt32, _ sourcePort: UInt16, _ to: UInt32, _ destinationPort: UInt16
  ) -> (key: Self, end: FlowEnd) {
    let source = UInt64(from) << 16 | UInt64(sourcePort)
    let destination = UInt64(to) << 16 | UInt64(destinationPort)
    let lower = min(source, destination)
    let higher = max(source, destination)
    let key = FlowKeyV4(
      addresses: (lower >> 16) << 32 | higher >> 16,
      ports: UInt32(truncatingIfNeeded: lower << 16) | UInt32(truncatingIfNeeded: higher & 0xffff),
      transport: transport)
    return (key, FlowEnd(isHigher: source > destination))
  }

  static func ordered(_ transport: TransportProtocol, from: Endpoint, to: Endpoint) -> (key: Self, end: FlowEnd) {
    ordered(
      transport, UInt32(truncatingIfNeeded: from.address.low), from.port, UInt32(truncatingIfNeeded: to.address.low),
      to.port)
  }

  var lower: Endpoint {
    Endpoint(address: IPAddress(v4: UInt32(truncatingIfNeeded: addresses >> 32)), port: lowerPort)
  }
  var higher: Endpoint { Endpoint(address: IPAddress(v4: UInt32(truncatingIfNeeded: addresses)), port: higherPort) }
}

struct FlowKeyV6: FlowKey {
  struct Addresses: BitwiseCopyable, Hashable, Sendable {
    var lowerHigh: UInt64
    var lowerLow: UInt64
    var higherHigh: UInt64
    var higherLow: UInt64
  }

  var addresses: Addresses
  var ports: UInt32
  var transport: TransportProtocol

  @inline(__always)
  static func hash(_ addresses: Addresses, _ number: UInt64) -> UInt64 {
    mix(
      mix(addresses.lowerHigh ^ number, addresses.lowerLow ^ turned(number)),
      mix(addresses.higherHigh ^ turned(number), addresses.higherLow ^ number))
  }

  @inline(__always)
  var addressesFolded: UInt32 {
    let low = addresses.lowerLow &* 0x9e37_79b9_7f4a_7c15 ^ addresses.higherLow
    return UInt32(truncatingIfNeeded: low ^ low >> 32)
  }

  /// The key of a flow, and which of its ends sent.
  static func ordered(
    _ transport: TransportProtocol, _ from: IPAddress, _ sourcePort: UInt16, _ to: IPAddress,
    _ destinationPort: UInt16
  ) -> (key: Self, end: FlowEnd) {
    let isFromHigher = from != to ? to < from : sourcePort > destinationPort
    let (lower, higher) = isFromHigher ? (to, from) : (from, to)
    let (lowerPort, higherPort) = isFromHigher ? (destinationPort, sourcePort) : (sourcePort, destinationPort)
    let key = FlowKeyV6(
      addresses: Addresses(lowerHigh: lower.high, lowerLow: lower.low, higherHigh: higher.high, higherLow: higher.low),
      ports: UInt32(lowerPort) << 16 | UInt32(higherPort), transport: transport)
    return (key, FlowEnd(isHigher: isFromHigher))
  }

  static func ordered(_ transport: TransportProtocol, from: Endpoint, to: Endpoint) -> (key: Self, end: FlowEnd) {
    ordered(transport, from.address, from.port, to.address, to.port)
  }

  var lower: Endpoint {
    Endpoint(address: IPAddress(v6High: addresses.lowerHigh, low: addresses.lowerLow), port: lowerPort)
  }
  var higher: Endpoint {
    Endpoint(address: IPAddress(v6High: addresses.higherHigh, low: addresses.higherLow), port: higherPort)
  }
}
