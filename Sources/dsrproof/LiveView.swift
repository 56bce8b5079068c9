import Checks
import Foundation
import Report

/// Tells how a live run goes, on standard error: on a terminal a line for each service, redrawn in place; else a line now
/// and then, if asked for.
final class LiveView {
  private static let interval = Duration.seconds(10)
  /// As many services as a small terminal shows.
  private static let mostServices = 15

  private let isTerminal: Bool
  private let isVerbose: Bool
  private var drawn = 0
  private var said = ContinuousClock.now

  init(isVerbose: Bool) {
    isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    self.isVerbose = isVerbose
  }

  deinit { erase() }

  var isShown: Bool { isTerminal || isVerbose && ContinuousClock.now - said >= Self.interval }

  func update(_ verdict: Verdict, frames: UInt64, after time: Duration) {
    guard isTerminal else {
      if isShown { say(verdict, frames: frames, after: time) }
      return
    }
    erase()
    var lines = verdict.services.prefix(Self.mostServices).map { Self.line($0, verdict) }
    if verdict.services.count > Self.mostServices {
      lines.append("and \(verdict.services.count - Self.mostServices) more services")
    }
    lines.append("\(frames) frames, \(time.components.seconds) s; Ctrl-C ends the run with a report")
    write(lines.map { $0.withoutControls + "\n" }.joined())
    drawn = lines.count
  }

  /// Lines that stay.
  func say(_ verdict: Verdict, frames: UInt64, after time: Duration) {
    erase()
    said = .now
    let services = verdict.services.map { Self.line($0, verdict) }.joined(separator: "; ")
    complain("\(time.components.seconds) s, \(frames) frames: \(services.isEmpty ? "no service yet" : services)")
  }

  /// Leaves the terminal as it was.
  func erase() {
    guard drawn > 0 else { return }
    write("\u{1b}[\(drawn)A\u{1b}[J")
    drawn = 0
  }

  /// `tcp://10.1.10.10:80 PASS, 12 flows: 12 direct; newest fault: …`
  private static func line(_ service: ServiceVerdict, _ verdict: Verdict) -> String {
    let flows = service.flows
    var parts = ["\(flows.total) flow\(flows.total == 1 ? "" : "s")", "\(flows.direct) direct"]
    if flows.viaBalancer > 0 { parts.append("\(flows.viaBalancer) via the balancer") }
    if flows.bypassed > 0 { parts.append("\(flows.bypassed) past it") }
    if flows.unanswered > 0 { parts.append("\(flows.unanswered) unanswered") }
    if flows.undecided > 0 { parts.append("\(flows.undecided) undecided") }
    let fault = verdict.checks.last { $0.service == service.service && $0.outcome == .fail && !$0.isTolerated }
    return "\(service.service.url) \(service.outcome.rawValue), " + parts.joined(separator: ", ")
      + (fault.map { "; \($0.summary) (\($0.slug))" } ?? "")
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
