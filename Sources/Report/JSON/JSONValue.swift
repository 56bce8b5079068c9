import Wire

/// What is one value of a document.
protocol JSONValue {
  func write(to json: inout JSONWriter)
}

extension String: JSONValue {
  func write(to json: inout JSONWriter) { json.string(self) }
}

extension Bool: JSONValue {
  func write(to json: inout JSONWriter) { json.raw(self ? "true" : "false") }
}

extension JSONValue where Self: BinaryInteger {
  func write(to json: inout JSONWriter) { json.number(self) }
}

extension Int: JSONValue {}
extension UInt16: JSONValue {}
extension UInt32: JSONValue {}
extension UInt64: JSONValue {}

extension Double: JSONValue {
  /// The shortest decimal that reads as the same number; `null` for what is no number, which JSON cannot tell.
  func write(to json: inout JSONWriter) {
    guard isFinite else { return json.raw("null") }
    let text = description
    json.raw(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }
}

extension Optional: JSONValue where Wrapped: JSONValue {
  /// `null` where there is no value, so that the key is always there.
  func write(to json: inout JSONWriter) {
    if let self { self.write(to: &json) } else { json.raw("null") }
  }
}

extension Array: JSONValue where Element: JSONValue {
  func write(to json: inout JSONWriter) { json.array(self) { $1.write(to: &$0) } }
}

extension Dictionary: JSONValue where Key == String, Value: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object { json in
      for (key, value) in sorted(by: { $0.key < $1.key }) { json.member(named: key, value) }
    }
  }
}

extension IPAddress: JSONValue {
  func write(to json: inout JSONWriter) { json.quote(append) }
}

extension MACAddress: JSONValue {
  func write(to json: inout JSONWriter) { json.quote(append) }
}

extension Timestamp: JSONValue {
  func write(to json: inout JSONWriter) { json.quote(appendISO8601) }
}
