import Wire

/// How this host sends to an address.
struct HostRoute: Equatable {
  /// The interface that it leaves by.
  var interface: String
  /// The router that it is handed to; `nil` where the address is on the interface's own network.
  var gateway: IPAddress?
  /// The address is this host's own: what it asks of it leaves by no interface.
  var isLocal = false

  /// What the kernel says of an address.
  enum Answer: Equatable {
    case route(HostRoute)
    case unreachable
    /// The system does not tell.
    case unknown
  }
}
