public import Wire

/// What to do next about a finding. Checks choose it from what was seen and what was given; `Report` has the words, and
/// `docs/next-steps.md` the table.
public enum NextStep: Hashable, Sendable {
  /// To mend what the check found, in its own words. It names no option of this program.
  case mend(String)

  // MARK: Another capture

  /// At one of these places, none of which was captured at yet.
  case capture(at: [Place], toSee: Aim)
  /// On one host, by its name.
  case captureOnHost(String)
  /// ARP beside a host, while something asks for the address.
  case captureARP(beside: String, for: IPAddress)
  /// Longer, or with more connections.
  case captureMore
  /// The same, until as many flows are decided as the user asks for.
  case captureFlows(Int)
  /// Longer, and frames of all addresses.
  case captureAllAddresses
  case captureBothDirections
  case captureUnfiltered
  /// On one Ethernet interface, where the capture has no receivers' MACs.
  case captureOneInterface
  /// What was read is text without MACs.
  case printMACs
  /// The same of tshark's lines.
  case printMACColumns
  /// tshark's lines hide what packets are in.
  case giveFile
  /// Some of tshark's lines have no ports.
  case printPorts
  /// What was read is text without times, or with such as tell no moment.
  case printTimes
  /// What was read is text that leaves out what matters.
  case printBytes
  /// Frames are in tunnels that were not opened.
  case openTunnel
  /// So that no frame is lost.
  case captureWithoutLoss
  /// Beside tables that were judged alone.
  case captureBesideTables
  /// A mirror was captured, and does not show all ports.
  case widenMirror

  // MARK: Who is who

  case nameVIP
  /// With the MAC that may be the balancer's, if one may.
  case nameBalancer(perhaps: MACAddress?)
  /// The balancer has, or may have, several MACs.
  case nameEveryBalancerMAC
  /// With the MAC that may be a backend's, if one may.
  case nameBackends(perhaps: MACAddress?)
  case nameBalancerAndBackends
  /// A MAC that may be the balancer's or a router's.
  case tellBalancerFromRouter(MACAddress)
  /// A MAC that may be a backend's or a router's: the balancer is named already.
  case tellBackendFromRouter(MACAddress)
  /// A MAC that may be a backend's, or another of the balancer's.
  case tellBackendFromBalancer(MACAddress)
  /// Frames that no network sends so.
  case lookWhoSends
  /// SYNs without a client behind them.
  case lookWhoSendsBackground

  // MARK: Where the flow stopped

  /// It gets requests, and answers none.
  case lookAtBackend(MACAddress)
  /// It takes requests, and hands none on.
  case lookAtBalancer(MACAddress)
  /// The answer reaches the client's own network, and no client acknowledges it.
  case lookAtClients
  /// Who refuses: a backend, the balancer, or nobody knows who.
  case lookAtRefuser(MACAddress, Refuser)
  /// Who says by ICMP that a request gets no farther.
  case lookAtRouter(IPAddress)

  /// Of the host that a tunnel leads to, by its name.
  case mendTunnelEnd(TunnelEndFault, on: String)

  // MARK: Where replies cross the balancer

  /// A backend sends replies from the VIP to the balancer, as to its gateway; and how many more backends do.
  case changeGateway(of: MACAddress, others: Int)
  /// The balancer's table masquerades.
  case changeForwarding
  /// The declaration translates addresses.
  case leaveAddressesAlone
  /// Nothing tells whether backends route or the balancer translates, and captures stood where it would show.
  case checkGatewayAndForwarding

  // MARK: Tables

  case giveIPVSTable
  case giveTablesOfAllBalancers
  case giveBalancersHost
  /// The listing beside the counters.
  case giveIPVSListing
  /// Settings or routes of a host, by its name.
  case giveHostText(HostText, of: String)
  case giveRulesOrCapture(on: String)
  /// Whose the IPVS table is; with a firewall mark that nothing explains.
  case tellIPVSRole(mark: UInt32?, of: IPAddress)
  /// The user said that it is a node's, and it does what balancers do.
  case checkIPVSRole
  case readIPVSTableMeanwhile
  case tellMark(UInt32, of: IPAddress)
  /// The table of a host lacks what others have.
  case leaveOutTable(host: String)
  case giveUnlistedHost
  case checkDeclaration

  /// Where a capture can stand.
  public enum Place: String, Sendable, CaseIterable {
    case client, balancer, backend, mirror

    /// The place that a vantage is.
    init?(_ vantage: Vantage) {
      switch vantage {
      case .client: self = .client
      case .balancer: self = .balancer
      case .backend: self = .backend
      case .mirror: self = .mirror
      case .behindRouter: return nil
      }
    }
  }

  /// Who refuses a connection.
  public enum Refuser: Sendable {
    case backend, balancer, unknown
  }

  /// What another capture is to show.
  public enum Aim: Sendable {
    /// The half that is missing.
    case reply
    /// Legs that no router has touched.
    case vipsNetwork
    /// Who drops what.
    case dropper
    /// How far a request gets.
    case progress
    /// Whether backends send replies from the VIP, or from addresses of their own.
    case replySource
  }

  /// A text of a host that `collect` writes.
  public enum HostText: Sendable {
    case settings, routes, firewall, interfaceKinds
  }
}
