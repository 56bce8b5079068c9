import Tables

/// A configuration says what it does not know: a key that is read past in silence is a rule that does not hold.
extension DocumentNode {
  /// The values of a mapping, by their keys. What is null counts as left out.
  func fields(_ known: [String]) throws(TableError) -> [String: DocumentNode] {
    guard isMapping else { throw fault("the keys \(known.joined(separator: ", "))") }
    var fields: [String: DocumentNode] = [:]
    for (key, value) in members {
      guard let name = key.text, known.contains(name) else {
        throw key.fault("one of the keys \(known.joined(separator: ", "))\(nearest(key.text, known))")
      }
      if !value.isNothing { fields[name] = value }
    }
    return fields
  }

  /// The members of a list.
  func list(of what: String) throws(TableError) -> [DocumentNode] {
    guard isSequence else { throw fault("a list of \(what)") }
    return items
  }

  /// A single value, as it is written, read by `read`.
  func value<Value>(
    _ expected: @autoclosure () -> String, _ read: (String) -> Value?
  ) throws(TableError) -> Value {
    guard let text, let value = read(text) else { throw fault(expected()) }
    return value
  }

  /// One of some words.
  func choice<Choice: RawRepresentable & CaseIterable>(
    of what: String, _: Choice.Type = Choice.self
  ) throws(TableError) -> Choice where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    return try value("\(what): \(words.joined(separator: ", "))\(nearest(text, words))") { Choice(rawValue: $0) }
  }

  /// A field that must be there.
  func required(_ key: String, in fields: [String: DocumentNode]) throws(TableError) -> DocumentNode {
    guard let field = fields[key] else {
      let found = fields.keys.sorted().joined(separator: ", ")
      throw fault("the key \(key)", found: found.isEmpty ? nil : "only \(found)")
    }
    return field
  }
}

/// ` (nearest: vip)`; empty where nothing comes near.
func nearest(_ word: String?, _ known: [String]) -> String {
  // Whatever is longer is no slip of the pen.
  guard let word, word.utf8.count <= 64, let found = nearest(to: word, among: known) else { return "" }
  return " (nearest: \(found))"
}
