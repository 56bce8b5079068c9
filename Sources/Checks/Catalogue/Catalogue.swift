extension Check {
  /// Every check, by id.
  public static let all: [Check] = [
    .replyViaBalancer, .balancerBypassed, .replyNotFromVIP, .requestUnanswered, .connectionRefused, .resetByBalancer,
    .backendChangesMidFlow, .packetTooBig, .exchangeStalls, .requestLoops, .encapsulationInconsistent,
    .tunnelNotDecapsulated, .dsrOptionLost, .backendAnswersARP, .backendAnnouncesVIP, .vipAsARPSender,
    .vipOwnerContested, .vipUnowned, .ipvsServiceMissing, .ipvsWrongForwarding, .ipvsNoUsableBackend,
    .ipvsPortTranslated, .ipvsUnlistedBackend, .ipvsCarriesReplies, .ipvsSilentDestination, .vipNotAnnounced,
    .nodesDisagree, .routerNotAsConfigured, .priorityNotAsConfigured, .vipNotOnBackend,
    .vipMaskTooWide, .arpIgnoreTooLow, .arpAnnounceTooLow, .rpFilterDropsTunnel, .defaultRouteViaBalancer,
    .duplicateMAC, .tunnelEndMissing, .conntrackDropsHalfFlows, .rpFilterDropsReplies, .strongHostDropsVIP,
    .trafficPolicyNotLocal,
    .loadBalancerIPMismatch, .ingressStatusMissing, .serviceNotExposed, .strictARPOff, .portMismatch,
    .cisLabelsIncomplete, .noLocalEndpoint, .translatesServerAddress, .translatesServerPort, .snatEnabled,
    .strictTCPState, .virtualAddressMismatch, .virtualPortDiffersFromServicePort, .sourcePortNotPreserved,
    .poolDisagreesWithCIS, .virtualAddressAnswersNoARP, .probeFailed,
  ].sorted { $0.id < $1.id }
}
