public import Checks
import Evidence

extension Verdict {
  /// The report as `schema/report.schema.json` describes it. All but `run` is the same for the same captures.
  public func jsonReport(from run: RunRecord? = nil) -> String {
    var text = ""
    writeJSON(to: &text, from: run)
    return text
  }

  /// The same, keys in alphabetical order and what a list holds a line each, so that no more than one is held at once.
  public func writeJSON(to output: inout some TextOutputStream, from run: RunRecord? = nil) {
    let links = LinkList(services)
    var lines = JSONLines()
    lines.write("captures", list: captures, to: &output)
    lines.write("case", list: caseFiles, to: &output)
    lines.write("checks", list: checks.lazy.filter(\.isToldAlone), to: &output)
    lines.write("links", list: links.links, to: &output)
    lines.write("probes", list: probes, to: &output)
    lines.write("reason", reason, to: &output)
    lines.write("run", run, to: &output)
    lines.write("schemaVersion", reportSchemaVersion, to: &output)
    lines.write("seen", list: seen, to: &output)
    lines.write("services", services, to: &output) { $1.write(to: &$0, links) }
    lines.write("settled", CheckGroup.all(in: checks) { !$0.isToldAlone }, to: &output) {
      $1.write(to: &$0, ofServices: services.count)
    }
    lines.write("tables", list: tables, to: &output)
    lines.write("verdict", outcome.rawValue, to: &output)
    lines.end(to: &output)
  }
}

/// Raised when a key goes or changes its meaning, not when one is added.
let reportSchemaVersion = 3

extension SeenService: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("flows", flows)
      $0.member("service", service.url)
    }
  }
}

extension ProbeResult: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("answeredBy", answeredBy)
      $0.member("client", client?.address)
      $0.member("clientPort", client?.port)
      $0.member("failure", failure)
      $0.member("frames", sight?.words)
      $0.member("latencySeconds", latency)
      $0.member("service", service.url)
      $0.member("status", status)
    }
  }
}

extension CaseFile: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("host", host)
      $0.member("path", path)
      $0.member("reason", reason)
      $0.member("use", use.rawValue)
    }
  }
}

extension TableSummary: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("host", host)
      $0.member("kind", kind.rawValue)
      $0.member("path", path)
      $0.member("reason", reason)
      $0.member("role", role?.rawValue)
    }
  }
}
