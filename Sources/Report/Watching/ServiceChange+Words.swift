public import Checks

extension ServiceChange {
  /// One line for a person: `tcp://10.1.10.10:80 fail, was pass for 3 h: 2 of 9 flows: … (reply-via-balancer)`.
  public var text: String {
    let called = name.map { " (\($0))" } ?? ""
    let before = from == .open ? "" : ", was \(from.rawValue) for \(lengthOfTime(seconds: after))"
    return "\(service.url)\(called) \(to.rawValue)\(before): \(verdict.cause)".withoutControls
  }

  /// One line of JSON, without a line break; `schema/change.schema.json` describes it. `proof` names the file that keeps the
  /// frames.
  public func jsonLine(proof: String? = nil) -> String {
    var json = JSONWriter()
    json.object {
      $0.member("afterSeconds", (after * 1e3).rounded() / 1e3)
      $0.member("checks", shown)
      $0.member("flows", verdict.flows)
      $0.member("from", from.rawValue)
      $0.member("name", name)
      $0.member("proof", proof)
      $0.member("reason", verdict.cause)
      $0.member("schemaVersion", changeSchemaVersion)
      $0.member("service", service.url)
      $0.member("time", at)
      $0.member("to", to.rawValue)
    }
    var text = ""
    json.handOn(to: &text)
    return text
  }
}

/// Raised when a key goes or changes its meaning, not when one is added.
let changeSchemaVersion = 1
