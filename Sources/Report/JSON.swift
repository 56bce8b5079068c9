import Evidence
import Foundation
import Wire

/// How every document is written.
enum JSON {
  static func text(of document: some Encodable, pretty: Bool) throws -> String {
    escapingControls(in: String(decoding: try encoder(pretty: pretty).encode(document), as: UTF8.self))
  }

  static func encoder(pretty: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return encoder
  }

  /// JSON asks for escapes below U+0020 alone; others can steer a terminal too. They only stand inside strings.
  static func escapingControls(in text: String) -> String {
    let isHarmless = text.utf8.allSatisfy { 0x20..<0x7f ~= $0 || $0 == UInt8(ascii: "\n") }
    if isHarmless { return text }
    var safe = ""
    // What is harmless is copied in runs: a report of a scan has a gigabyte.
    var rest = text.unicodeScalars[...]
    while let place = rest.firstIndex(where: { $0.value >= 0x7f ? $0.steersTerminal : $0.value < 0x20 && $0 != "\n" }) {
      safe += Substring(rest[..<place])
      for unit in String(rest[place]).utf16 {
        let digits = String(unit, radix: 16)
        safe += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
      rest = rest[rest.index(after: place)...]
    }
    safe += Substring(rest)
    return safe
  }
}

/// A document written key by key, and what a list holds a line each: a report of a scan is not held as a whole.
struct JSONLines {
  private let encoder = JSON.encoder(pretty: false)

  /// A list.
  func write(_ key: StaticString, _ items: some Sequence<some Encodable>, to output: inout some TextOutputStream) throws
  {
    output.write("\"\(key)\": [")
    var isFirst = true
    for item in items {
      output.write(isFirst ? "\n" : ",\n")
      output.write(try text(of: item))
      isFirst = false
    }
    output.write(isFirst ? "],\n" : "\n],\n")
  }

  /// A single value.
  func write(
    _ key: StaticString, _ value: some Encodable, isLast: Bool = false, to output: inout some TextOutputStream
  ) throws {
    output.write("\"\(key)\": \(try text(of: value))\(isLast ? "" : ",")\n")
  }

  private func text(of value: some Encodable) throws -> String {
    JSON.escapingControls(in: String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// Writes `null` where there is no value, so that the key is always there.
@propertyWrapper struct OrNull<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension OrNull: Equatable where Value: Equatable {}
extension OrNull: Hashable where Value: Hashable {}

// MARK: Documents that several reports hold

struct FlowDocument: Encodable {
  var `protocol`: String
  var client: String
  var clientPort: UInt16
  var server: String
  var serverPort: UInt16
  var communityId: String

  init(_ flow: Flow) {
    `protocol` = flow.transport.name
    client = flow.client.address.description
    clientPort = flow.client.port
    server = flow.server.address.description
    serverPort = flow.server.port
    communityId = flow.communityID
  }
}

struct LiveDocument: Encodable {
  var received: UInt64
  var droppedByKernel: UInt64
  var droppedByInterface: UInt64
  @OrNull var lostInterface: String?

  init(_ live: CaptureSummary.LiveCounts) {
    received = live.received
    droppedByKernel = live.droppedByKernel
    droppedByInterface = live.droppedByInterface
    lostInterface = live.lostInterface
  }
}

struct ClockDocument: Encodable {
  var aheadSeconds: Double
  var of: String
  var byFramesOfBoth: Bool
  var conversations: Int

  init(_ clock: CaptureClock) {
    aheadSeconds = (clock.ahead * 1e6).rounded() / 1e6
    of = clock.of
    byFramesOfBoth = clock.isByFramesOfBoth
    conversations = clock.conversations
  }
}

struct CountedOnlyDocument: Encodable {
  var claims: UInt64
  var icmpErrors: UInt64
  var pings: UInt64
  var prefixes: UInt64

  init(_ counted: CountedOnly) {
    (claims, icmpErrors, pings, prefixes) = (counted.claims, counted.errors, counted.pings, counted.prefixes)
  }
}

struct CaptureDocument: Encodable {
  var path: String
  var name: String?
  var parts: [String]?
  var evidenceFile: String?
  var perhapsPartOf: String?
  var clock: ClockDocument?
  /// The link type where there is one alone.
  @OrNull var linkType: String?
  var linkTypes: [String]
  var interfaces: [OrNull<String>]
  var frames: UInt64
  var bytes: UInt64
  var cutFrames: UInt64
  var undecodedFrames: UInt64
  var laterFragments: UInt64
  var halfOpenFlows: UInt64
  var flowsPerKept: UInt64
  var countedOnly: CountedOnlyDocument
  var passedOver: [PassedOverDocument]
  var tunnelHints: [TunnelHintDocument]
  @OrNull var dropped: UInt64?
  @OrNull var truncatedAt: UInt64?
  @OrNull var live: LiveDocument?
  @OrNull var firstTime: String?
  @OrNull var lastTime: String?

  init(_ capture: CaptureSummary) {
    path = capture.path
    name = capture.name
    parts = capture.parts.isEmpty ? nil : capture.parts.map(\.path)
    evidenceFile = capture.evidenceFile
    perhapsPartOf = capture.perhapsPartOf
    clock = capture.clock.map(ClockDocument.init)
    linkType = capture.linkTypes.count == 1 ? capture.linkTypes[0].name : nil
    linkTypes = capture.linkTypes.map(\.name)
    interfaces = capture.interfaces.map { OrNull(wrappedValue: $0.isEmpty ? nil : $0) }
    frames = capture.frames
    bytes = capture.bytes
    cutFrames = capture.cutFrames
    undecodedFrames = capture.undecodedFrames
    laterFragments = capture.laterFragments
    halfOpenFlows = capture.halfOpenFlows
    flowsPerKept = capture.flowsPerKept
    countedOnly = CountedOnlyDocument(capture.countedOnly)
    passedOver = capture.passedOver.sorted { $0.key < $1.key }.map(PassedOverDocument.init)
    tunnelHints = capture.untoldPorts.hints.map(TunnelHintDocument.init)
    dropped = capture.dropped
    truncatedAt = capture.truncatedAt
    live = capture.live.map(LiveDocument.init)
    firstTime = capture.firstTime?.iso8601
    lastTime = capture.lastTime?.iso8601
  }
}
