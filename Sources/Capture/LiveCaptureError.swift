public import Wire

/// Why an interface cannot be captured, or not further.
public struct LiveCaptureError: Error, Hashable, Sendable {
  public var interface: String
  public var fault: Fault

  public enum Fault: Hashable, Sendable {
    /// There is no libpcap on this host.
    case libraryMissing
    case notPermitted
    case noSuchInterface
    case isDown
    case unknownLinkType(Int32)
    case filterDoesNotCompile(expression: String, linkType: LinkType, reason: String)
    /// In libpcap's words.
    case cannotOpen(String)
    /// It went away while it was captured; in libpcap's words.
    case lost(String)
    case cannotSend(String)
  }
}

extension LiveCaptureError: CustomStringConvertible {
  /// One line: what was expected, what was found, and what to do about it.
  public var description: String {
    switch fault {
    case .libraryMissing:
      "\(interface): capturing \(PcapLibrary.advice)"
    case .notPermitted:
      "\(interface): capturing needs CAP_NET_RAW"
    case .noSuchInterface:
      "\(interface): no such interface; --list-interfaces names all"
    case .isDown:
      "\(interface): is down: ip link set \(interface) up"
    case .unknownLinkType(let number):
      """
      \(interface): link type \(number): expected \(LinkType.allCases.filter { !$0.isText }.map(\.pcapName).joined(separator: ", ")); \
      capture on another interface
      """
    case .filterDoesNotCompile(let expression, let linkType, let reason):
      "\(interface): filter \"\(expression)\" does not compile for link type \(linkType.pcapName): \(reason)"
    case .cannotOpen(let reason): "\(interface): cannot capture: \(reason)"
    case .lost(let reason): "\(interface): \(reason)"
    case .cannotSend(let reason): "\(interface): cannot send: \(reason)"
    }
  }
}
