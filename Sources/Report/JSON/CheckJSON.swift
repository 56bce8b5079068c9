import Checks
import Tables

extension CheckResult {
  /// It is a finding, or cites what shows it. What else a check says, it says of many services.
  var isToldAlone: Bool { isFinding || !evidence.isEmpty || waiver != nil }
}

extension CheckResult: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("evidence", evidence) { $1.write(to: &$0, isProof: isProof) }
      $0.member("id", id)
      $0.member("outcome", outcome.rawValue)
      $0.member("reason", reason)
      $0.member("remedy", remedy)
      $0.member("service", service.url)
      $0.member("severity", severity.rawValue)
      $0.member("slug", slug)
      $0.member("summary", summary)
      $0.member("waiver", waiver)
    }
  }
}

extension CheckResult.Waived: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("ended", hasEnded)
      $0.member("reason", reason)
      $0.member("until", until.description)
    }
  }
}

extension Exhibit {
  /// A frame, or a line of a table: each with its own keys. Of what passed nobody looks for the frames of a flow, and
  /// thousands of services may pass: it has a frame's number, and what that shows.
  fileprivate func write(to json: inout JSONWriter, isProof: Bool) {
    json.object {
      $0.member("actual", actual)
      switch source {
      case .frame(let frame) where isProof:
        $0.member("capture", frame.capture)
        $0.member("frame", frame.number)
      case .frame(let frame):
        $0.member("capture", frame.capture)
        $0.member("expected", expected)
        $0.member("filter", frame.displayFilter)
        $0.member("flow", frame.flow)
        $0.member("frame", frame.number)
        $0.member("time", frame.time)
      case .line(let line):
        $0.member("expected", expected)
        $0.member("line", line.number > 0 ? line.number : nil)
        $0.member("table", line.path)
      }
    }
  }
}

extension CheckGroup {
  /// A check that passed or did not apply, with the services of which it says so: `null` for all.
  func write(to json: inout JSONWriter, ofServices count: Int) {
    json.object {
      $0.member("id", check.id)
      $0.member("outcome", check.outcome.rawValue)
      $0.member("reason", check.reason)
      $0.member("remedy", check.remedy)
      $0.member("services", services.count == count ? nil : services.map(\.url))
      $0.member("severity", check.severity.rawValue)
      $0.member("slug", check.slug)
      $0.member("summary", check.summary)
    }
  }
}
