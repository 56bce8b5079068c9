import Checks
import Platform
import Report
import Serving
import Wire

/// The page of a run: keeps what it shows, and hands it to the server as it changes.
final class WatchServer {
  private let server: PageServer
  private let pulse: Pulse
  private let isLive: Bool

  init(_ socket: ListeningSocket, token: String?, pulse: Pulse, isLive: Bool, _ report: WatchReport) throws(Failure) {
    (self.pulse, self.isLive) = (pulse, isLive)
    let gate = Gate(address: socket.address.host, isLoopback: socket.address.isLoopback, token: token)
    let url = "http://\(socket.address.host):\(socket.address.port)/"
    do {
      server = try PageServer(
        socket: socket.take(), gate: gate, pages: WatchPages(report: report, pulse: pulse, isLive: isLive))
    } catch {
      throw .cannotRun("--listen: cannot serve: \(error)")
    }
    complain("the page is at \(url)")
  }

  deinit { server.stop() }

  /// Shows this from now on.
  func show(_ report: WatchReport, isJudged: Bool, _ changes: [ServiceChange]) {
    var events = changes.map { Event("change", data: $0.jsonLine()) }
    if isJudged, let time = report.latest?.time {
      events.append(Event("judged", data: "{\"time\":\"\(time.iso8601)\",\"verdict\":\"\(report.outcome.rawValue)\"}"))
    }
    server.publish(WatchPages(report: report, pulse: pulse, isLive: isLive), events)
  }
}
