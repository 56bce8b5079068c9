import Evidence
import EvidenceSchema
import Wire

// Generated names carry the package's.
typealias CaptureMessage = Dsrproof_Evidence_V1_Capture
typealias FlowsMessage = Dsrproof_Evidence_V1_Flows
typealias SightingsMessage = Dsrproof_Evidence_V1_Sightings
typealias TallyMessage = Dsrproof_Evidence_V1_Tally
typealias ClaimMessage = Dsrproof_Evidence_V1_Claim
typealias ErrorMessageMessage = Dsrproof_Evidence_V1_ErrorMessage
typealias PrefixMessage = Dsrproof_Evidence_V1_OnLinkPrefix
typealias EchoMessage = Dsrproof_Evidence_V1_Echo
typealias EncapsulationMessage = Dsrproof_Evidence_V1_Encapsulation
typealias NetworkLayerMessage = Dsrproof_Evidence_V1_NetworkLayer
typealias VLANsMessage = Dsrproof_Evidence_V1_VLANs
typealias PassedOverMessage = Dsrproof_Evidence_V1_PassedOver
typealias RiseMessage = Dsrproof_Evidence_V1_Rise
typealias ReuseMessage = Dsrproof_Evidence_V1_Reuse
typealias HalfOpenMessage = Dsrproof_Evidence_V1_HalfOpen

/// The ends of a flow, by which flows stand in a file.
struct FlowEnds: Hashable, Comparable {
  var transport: TransportProtocol
  var lower: Endpoint
  var higher: Endpoint

  static func < (a: FlowEnds, b: FlowEnds) -> Bool {
    if a.lower != b.lower { return a.lower < b.lower }
    if a.higher != b.higher { return a.higher < b.higher }
    return a.transport.rawValue < b.transport.rawValue
  }
}

extension VLANsMessage {
  init(_ vlan: VLANStack) {
    self.init()
    (depth, outer, inner) = (UInt32(vlan.depth), UInt32(vlan.outer), UInt32(vlan.inner))
  }
}

/// The numbers of enumerations here, which the schema fixes.
extension Claim.Kind {
  static let kept: [(ClaimMessage.Kind, Claim.Kind)] = [
    (.arpReply, .arpReply), (.gratuitousRequest, .gratuitousRequest), (.gratuitousReply, .gratuitousReply),
    (.arpSender, .arpSender), (.advertisement, .advertisement),
    (.unsolicitedAdvertisement, .unsolicitedAdvertisement), (.solicitationSender, .solicitationSender),
    (.vrrp, .vrrp),
  ]
}

extension ICMPError.Kind {
  static let kept: [(ErrorMessageMessage.Kind, ICMPError.Kind)] = [
    (.unreachable, .unreachable), (.packetTooBig, .packetTooBig), (.timeExceeded, .timeExceeded),
    (.redirect, .redirect), (.parameterProblem, .parameterProblem),
  ]
}

extension PassedOver {
  static let kept: [(PassedOverMessage.Reason, PassedOver)] = [
    (.nested, .nested), (.malformed, .malformed), (.cut, .cut), (.otherProtocol, .otherProtocol),
    (.foreignLink, .foreignLink), (.unreadLine, .unreadLine),
  ]
}
