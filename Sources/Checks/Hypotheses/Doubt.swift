import Wire

/// Why the frames of a flow do not tell its return path.
enum Doubt: Hashable, Sendable {
  case noReply
  case noRequest
  /// More hops than a network has.
  case crowded
  case onlyResets
  /// The link layer bears no addresses, or only the sender's.
  case noAddresses
  /// Request and reply bear the same two MACs.
  case sameMACs(Device)
  case gateway(Device, IPAddress)
  case perhapsProxyARP(Device, IPAddress)
  case saidBehindRouter
  case redundancyAddress(Device)
  /// The balancer owns a redundancy address and may answer from a MAC of its own.
  case unknownAnswerer(Device)
  /// Requests go to a backend from who sends them to the balancer, at the same time.
  case keptSender
  /// The reply was seen to go to a MAC that sent no request.
  case unknownReceiver(Device)
  case forwardsBothWays(Device)
  /// Behind the balancer this device takes the requests and hands them on, and the replies pass it.
  case secondBalancer(Device)
  /// This device turns the address of another's replies into the VIP.
  case translatesReplies(Device)
  case perhapsRouted
  /// The same MAC is the next hop of some flows and the answerer of others.
  case contradicted(Device)
  case forwarderUnknown(Device)
  case forwarderAsksForVIP(Device)
  /// It says by a redirect that it routes what is for the VIP.
  case redirects(Device)
  /// The replies pass this device, which may be the balancer (the first) under another of its MACs.
  case perhapsSameDevice(Device, Device)
  /// The same, where text leaves out what might join them.
  case perhapsJoined(Device, Device)
  /// A router brings the replies, whose address the VIP's owner (the first) asks for as the VIP.
  case perhapsOwnReplies(Device, IPAddress)
  /// Another capture shows the replies pass the device that is taken for the balancer here.
  case passedElsewhere(Device)
  /// Replies pass this device, which owns the VIP at some time, and it may have been a backend then.
  case perhapsBackend(Device)
  /// Requests go to this device without the balancer, which may have been another then.
  case perhapsPast(Device)
  /// Several devices may be the balancer, and the way differs with who it is.
  case severalBalancers(Device)
  /// Nothing but the user's word would show that there is a balancer.
  case perhapsPlain(Device)
  case balancerSawOneDirection
  case notAcknowledged
  /// Requests reach the forwarder and leave it in different numbers.
  case framesMissing(Device)
  /// Replies may be in frames that could not be looked into.
  case unreadPackets
  /// The balancer itself is the client.
  case balancersOwn
  case tunnelledReplies
  /// A backend asked for the balancer's own address, as it does for its gateway's.
  case backendAddressesBalancer(Device)
  /// The balancer hands on what a backend sends to others.
  case balancerRoutesForBackend(Device)
  /// The balancer is known, and the requests that were seen neither go to it nor come from it.
  case notTheBalancer(Device)
  /// Requests of one flow go to this MAC and to another, and nothing tells which is the balancer's.
  case severalNextHops(Device)
  /// The server repeats its SYN-ACK and says nothing else.
  case handshakeOpen
  /// The client repeats its SYN, and says nothing behind the one SYN-ACK.
  case answeredAtLast
  /// The client repeats its data, and nothing but its SYN was acknowledged so far; or no more of them, where who captured the
  /// replies may have ended too early.
  case dataUnheard
  /// The server repeats its answer to a client that says nothing more.
  case answerUnheard
  /// UDP: the answer was captured on its way, and did not arrive.
  case answerUndelivered
  /// The server resets the connection in place of an answer, and was not seen to answer anybody.
  case resetUnanswered

  /// It is seen at one place, and no other place can tell that it is not so.
  var stands: Bool {
    switch self {
    case .secondBalancer, .translatesReplies: true
    default: false
    }
  }

  /// What is missing.
  var why: String {
    switch self {
    case .noReply: "no reply of these flows passed the capture"
    case .noRequest: "no request of these flows passed the capture"
    case .onlyResets: "nothing but resets came from the VIP"
    case .crowded: "a flow passes more pairs of MACs than a network has"
    case .noAddresses: "the frames do not bear the MAC of one receiver"
    case .sameMACs(let device):
      "request and reply pass the same \(device.mac): it may be the balancer, a router, or a host that was asked directly"
    case .gateway(let device, let address):
      "requests go to \(device.mac), a gateway that owns \(address) and not the VIP"
    case .perhapsProxyARP(let device, let address):
      "\(device.mac) answers for the VIP and for \(address): it may be the balancer, or a router with proxy ARP"
    case .saidBehindRouter: "behind a router both halves bear the router's MAC"
    case .redundancyAddress(let device): "\(device.mac) is a virtual MAC: its owner answers from another"
    case .unknownAnswerer(let device):
      "the balancer owns a virtual MAC and may answer from \(device.mac) itself"
    case .keptSender:
      "requests reach a backend under the MAC that sends them to the balancer: it keeps that MAC, or they bypass it"
    case .unknownReceiver(let device):
      "replies go to \(device.mac), which sent no request: it may be a router, or the balancer at another of its MACs"
    case .forwardsBothWays(let device):
      "\(device.mac) passes on both requests and replies: it may be the balancer or a router"
    case .secondBalancer(let device):
      "\(device.mac) hands on requests behind the balancer, and replies pass it: it may be a second balancer"
    case .translatesReplies(let device):
      "\(device.mac) turns the source of replies that another sends into the VIP, as a balancer does that translates"
    case .perhapsRouted: "nothing shows that the client is on the VIP's network: there may be a router each way"
    case .contradicted(let device): "requests go to \(device.mac) in some flows and replies come from it in others"
    case .forwarderUnknown(let device):
      "nothing tells whether \(device.mac), which passes requests on, is the balancer or a router"
    case .forwarderAsksForVIP(let device): "\(device.mac) passes requests on but asks for the VIP itself, as routers do"
    case .redirects(let device): "\(device.mac) sends redirects about packets to the VIP: it routes them"
    case .perhapsSameDevice(let device, let other):
      "replies pass \(other.mac), and nothing shows that it is another device than the balancer's \(device.mac)"
    case .perhapsJoined(let device, let other):
      "replies pass \(other.mac), and the text leaves out what would show whether that is the balancer's \(device.mac): the TTL, "
        + "or the hardware address inside ARP"
    case .perhapsOwnReplies(let device, let address):
      "\(device.mac) asks for \(address), which brings the replies, with the VIP as its own address: it may send them itself"
    case .passedElsewhere(let device):
      "another capture shows the replies pass \(device.mac), which may be a plain server"
    case .perhapsBackend(let device):
      "replies pass \(device.mac), and nothing shows that it was the balancer then: it may have served as a backend"
    case .perhapsPast(let device):
      "requests go straight to \(device.mac), and nothing shows that the balancer owned the VIP then: another may have been it"
    case .severalBalancers(let device): "\(device.mac) is one of several devices that may be the balancer"
    case .perhapsPlain(let device): "\(device.mac) may be a plain server: nothing shows that there is a balancer"
    case .balancerSawOneDirection:
      "the capture shows nothing that a filter for the clients' direction would have hidden"
    case .balancersOwn: "the balancer itself asks for the service in these flows"
    case .tunnelledReplies: "the replies leave in a tunnel, whose other end this capture does not show"
    case .backendAddressesBalancer(let device):
      "no reply was captured, but \(device.mac) asked for the balancer's own address, as hosts do for their gateway's"
    case .balancerRoutesForBackend(let device):
      "no reply was captured, but the balancer hands on other packets of \(device.mac): replies may be in them, as in a VPN"
    case .notTheBalancer(let device): "requests pass \(device.mac), which is not the balancer"
    case .severalNextHops(let device):
      "requests of one connection go to \(device.mac) and elsewhere: one of these may be a backend, and not the balancer"
    case .framesMissing(let device):
      "no reply was captured, but requests reach \(device.mac) and leave it in different numbers: frames are missing"
    case .unreadPackets:
      "no reply was captured, and some frames could not be looked into, which may hold replies: cut ones, or tunnels"
    case .handshakeOpen:
      "the server repeats its SYN-ACK and sends nothing else: the end of the handshake does not reach it, the client is none, "
        + "or the server waits for data first (TCP_DEFER_ACCEPT)"
    case .answeredAtLast:
      "the client repeats its SYN, and behind the one SYN-ACK says nothing more: it did not get that, or the capture missed what "
        + "it said"
    case .dataUnheard:
      "the client repeats its data, and they are not acknowledged: the capture may have ended too early, or does not "
        + "show an answer from another address"
    case .answerUnheard:
      "the server repeats its answer, and no client of it acknowledges more: the answer is lost on its way, or the client left"
    case .answerUndelivered:
      "the answer was captured on its way, and did not arrive: ICMP says so, or the client's own capture lacks it"
    case .resetUnanswered:
      "the server takes what the client asks, and resets the connection in place of an answer"
    case .notAcknowledged: "no reply passed the capture, and no client acknowledged one"
    }
  }
}
