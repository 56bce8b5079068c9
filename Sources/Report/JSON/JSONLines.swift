/// A document written key by key, and what a list holds a line each: a report of a scan is not held as a whole.
struct JSONLines {
  private var json = JSONWriter()
  private var isFirst = true

  /// A single value.
  mutating func write(_ key: StaticString, _ value: some JSONValue, to output: inout some TextOutputStream) {
    begin(key)
    value.write(to: &json)
    json.handOn(to: &output)
  }

  /// A list.
  mutating func write(_ key: StaticString, list: some Sequence<some JSONValue>, to output: inout some TextOutputStream)
  {
    write(key, list, to: &output) { $1.write(to: &$0) }
  }

  /// A list whose elements `write` writes.
  mutating func write<Items: Sequence>(
    _ key: StaticString, _ items: Items, to output: inout some TextOutputStream,
    _ write: (inout JSONWriter, Items.Element) -> Void
  ) {
    begin(key)
    var isEmpty = true
    json.raw("[")
    for item in items {
      json.raw(isEmpty ? "\n" : ",\n")
      write(&json, item)
      json.handOn(to: &output)
      isEmpty = false
    }
    json.raw(isEmpty ? "]" : "\n]")
  }

  mutating func end(to output: inout some TextOutputStream) {
    json.raw("\n}\n")
    json.handOn(to: &output)
  }

  private mutating func begin(_ key: StaticString) {
    json.raw(isFirst ? "{\n" : ",\n")
    json.quote(key)
    json.raw(": ")
    isFirst = false
  }
}
