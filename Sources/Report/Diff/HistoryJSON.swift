import Checks
import Wire

extension History {
  /// The document that `schema/history.schema.json` describes.
  public func json() -> String {
    var text = ""
    var lines = JSONLines()
    lines.write("after", whole.after.rawValue, to: &text)
    lines.write("before", whole.before.rawValue, to: &text)
    lines.write("better", whole.changes(.better).count, to: &text)
    lines.write("files", list: files, to: &text)
    lines.write("other", whole.changes(.other).count, to: &text)
    lines.write("schemaVersion", 1, to: &text)
    lines.write("services", list: services, to: &text)
    lines.write("steps", list: steps, to: &text)
    lines.write("worse", whole.changes(.worse).count, to: &text)
    lines.end(to: &text)
    return text
  }
}

extension History.File: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("evidence", isEvidence)
      $0.member("firstTime", first)
      $0.member("lastTime", last)
      $0.member("path", name)
      $0.member("verdict", verdict.rawValue)
    }
  }
}

extension History.Step: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("after", diff.after.rawValue)
      $0.member("before", diff.before.rawValue)
      $0.member("changes", diff.changes)
      $0.member("from", from)
      $0.member("to", to)
      $0.member("unchangedChecks", diff.unchangedChecks)
      $0.member("unchangedServices", diff.unchangedServices)
    }
  }
}

extension ServiceHistory: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("faultyBackends", backends)
      $0.member("service", service)
      $0.member("turns", turns)
      $0.member("verdicts", verdicts.map { $0?.rawValue })
    }
  }
}

extension ServiceHistory.Turn: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("became", kind.rawValue)
      $0.member("from", from)
      $0.member("reason", reason)
      $0.member("to", to)
    }
  }
}

extension ServiceHistory.Backend: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("addresses", addresses)
      $0.member("faultyFlows", faultyFlows)
      $0.member("flows", flows)
      $0.member("mac", mac)
    }
  }
}
