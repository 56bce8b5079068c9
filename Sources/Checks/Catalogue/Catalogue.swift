extension Check {
  /// Every check, by id.
  public static let all: [Check] = [
    .replyViaBalancer, .balancerBypassed, .replyNotFromVIP, .requestUnanswered, .connectionRefused, .resetByBalancer,
    .backendChangesMidFlow, .packetTooBig, .backendAnswersARP, .backendAnnouncesVIP, .vipAsARPSender,
    .vipOwnerContested, .vipNotOnBackend, .vipMaskTooWide, .arpIgnoreTooLow, .arpAnnounceTooLow, .rpFilterDropsTunnel,
    .defaultRouteViaBalancer, .duplicateMAC,
  ].sorted { $0.id < $1.id }
}
