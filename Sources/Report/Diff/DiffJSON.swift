import Checks

extension ReportDiff {
  /// The document that `schema/diff.schema.json` describes, one change a line.
  public func json() -> String {
    var text = ""
    var lines = JSONLines()
    lines.write("after", after.rawValue, to: &text)
    lines.write("before", before.rawValue, to: &text)
    lines.write("better", changes(.better).count, to: &text)
    lines.write("changes", list: changes, to: &text)
    lines.write("other", changes(.other).count, to: &text)
    lines.write("schemaVersion", 1, to: &text)
    lines.write("unchangedChecks", unchangedChecks, to: &text)
    lines.write("unchangedServices", unchangedServices, to: &text)
    lines.write("worse", changes(.worse).count, to: &text)
    lines.end(to: &text)
    return text
  }
}

extension ReportDiff.Change: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("after", after)
      $0.member("before", before)
      $0.member("detail", detail)
      $0.member("effect", effect.rawValue)
      $0.member("name", name)
      $0.member("service", service)
      $0.member("subject", subject.rawValue)
    }
  }
}
