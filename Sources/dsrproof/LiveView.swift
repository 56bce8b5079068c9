import Checks
import Platform
import Report

/// Tells how a live run goes, on standard error: on a terminal a line for each service, redrawn in place; else a line now
/// and then, if asked for.
final class LiveView {
  private static let interval = Duration.seconds(10)
  /// As many services as a small terminal shows.
  private static let mostServices = 15

  let isTerminal: Bool
  private let isVerbose: Bool
  private var drawn = 0
  private var said = ContinuousClock.now

  init(isVerbose: Bool) {
    isTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"
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
    var lines = Self.lines(of: verdict)
    lines.append("\(frames) frames, \(time.components.seconds) s; Ctrl-C ends the run with a report")
    write(lines.map { $0.withoutControls + "\n" }.joined())
    drawn = lines.count
  }

  /// Lines that stay.
  func say(_ verdict: Verdict, frames: UInt64, after time: Duration) {
    erase()
    said = .now
    let services = Self.lines(of: verdict).joined(separator: "; ")
    complain("\(time.components.seconds) s, \(frames) frames: \(services.isEmpty ? "no service yet" : services)")
  }

  /// Leaves the terminal as it was.
  func erase() {
    guard drawn > 0 else { return }
    write("\u{1b}[\(drawn)A\u{1b}[J")
    drawn = 0
  }

  /// `tcp://10.1.10.10:80 fail, 12 flows, 11 direct, 1 bypassed; …`: the fault at the end.
  private static func lines(of verdict: Verdict) -> [String] {
    let faults = Dictionary(
      verdict.checks.filter { $0.outcome == .fail && !$0.isTolerated }.map { ($0.service, $0) }
    ) { $1 }
    let lines = verdict.services.prefix(mostServices).map { service in
      let flows = service.flows
      let others = flows.taken.filter { $0 != .direct }.map { ", \(flows[$0]) \($0.words)" }.joined()
      return
        "\(service.service.url) \(service.outcome.rawValue), \(counted(flows.total, "flow")), \(flows.direct) direct"
        + others + (faults[service.service].map { "; \($0.summary) (\($0.slug))" } ?? "")
    }
    let rest = verdict.services.count - lines.count
    return lines + (rest > 0 ? ["and \(rest) more services"] : [])
  }

  private func write(_ text: String) { try? OpenFile.standardError.write(text.utf8) }
}
