/// Makes values of a YAML text.
///
/// Aliases to aliases unfold by the power of their number, and whoever reads the values walks through all that they unfold to. So
/// few of them are taken, and none that stand for too much: what the tools print has none.
struct YAMLReader: ~Copyable {
  static let depthLimit = 1000
  private static let aliasLimit = 32
  /// As many values as aliases may stand for in a document.
  private static let unfoldedLimit = 1 << 16

  private var events: YAMLEvents
  /// The values of the document at hand that have a name.
  private var anchored: [String: YAMLNode] = [:]
  /// In the whole text.
  private var aliases = 0
  private var depth = 0
  /// Of a key that stands twice the last one counts, as in JavaScript; elsewhere there is none such.
  private let lastCounts: Bool

  private init(_ events: consuming YAMLEvents, lastCounts: Bool) {
    self.events = events
    self.lastCounts = lastCounts
  }

  /// The values of all documents in a text.
  static func documents(in text: String, lastCounts: Bool = false) throws(TableError) -> [YAMLNode] {
    try unsafe Array(text.utf8).withUnsafeBufferPointer { bytes throws(TableError) in
      var reader = unsafe YAMLReader(try YAMLEvents(bytes), lastCounts: lastCounts)
      return try reader.documents()
    }
  }

  private mutating func documents() throws(TableError) -> [YAMLNode] {
    var documents: [YAMLNode] = []
    while true {
      switch try events.next() {
      case .streamEnd: return documents
      case .document:
        anchored = [:]
        documents.append(try node(try events.next()))
      default: continue
      }
    }
  }

  private mutating func node(_ event: YAMLEvents.Event) throws(TableError) -> YAMLNode {
    let line = events.line
    switch event {
    case .alias(let name): return try aliased(name, at: line)
    case .scalar(let text, let isPlain, let isBlock, let anchor):
      return known(
        as: anchor, YAMLNode(content: .scalar(text, isPlain: isPlain, isBlock: isBlock), line: line, size: 1))
    case .sequenceStart(let anchor):
      let (items, size) = try deeper(at: line) { reader throws(TableError) in try reader.sequence() }
      return known(as: anchor, YAMLNode(content: .sequence(items), line: line, size: size))
    case .mappingStart(let anchor):
      let (members, size) = try deeper(at: line) { reader throws(TableError) in try reader.mapping() }
      return known(as: anchor, YAMLNode(content: .mapping(members), line: line, size: size))
    case .end, .document, .streamEnd:
      throw TableError(line: line, expected: "YAML or JSON", found: "no value")
    }
  }

  private mutating func known(as anchor: String?, _ node: YAMLNode) -> YAMLNode {
    if let anchor { anchored[anchor] = node }
    return node
  }

  private mutating func aliased(_ name: String, at line: Int) throws(TableError) -> YAMLNode {
    aliases += 1
    guard aliases <= Self.aliasLimit else {
      throw TableError(
        line: line, expected: "at most \(Self.aliasLimit) aliases", found: "more, which unfold without end")
    }
    guard let node = anchored[name] else {
      throw TableError(line: line, expected: "YAML or JSON", found: "found undefined alias")
    }
    guard node.size <= Self.unfoldedLimit else {
      throw TableError(
        line: line, expected: "aliases of at most \(Self.unfoldedLimit) values", found: "\(node.size)")
    }
    return node
  }

  private mutating func deeper<Content>(
    at line: Int, _ content: (inout YAMLReader) throws(TableError) -> Content
  ) throws(TableError) -> Content {
    guard depth < Self.depthLimit else { throw .tooDeep(at: line) }
    depth += 1
    defer { depth -= 1 }
    return try content(&self)
  }

  private mutating func sequence() throws(TableError) -> ([YAMLNode], size: Int) {
    var (items, size): ([YAMLNode], Int) = ([], 1)
    while true {
      let event = try events.next()
      if case .end = event { return (items, size) }
      items.append(try node(event))
      size += items.last?.size ?? 0
    }
  }

  /// Two keys of different tags (`!a key`) are alike to everybody who reads them here.
  private mutating func mapping() throws(TableError) -> ([YAMLNode.Member], size: Int) {
    var (members, size): ([YAMLNode.Member], Int) = ([], 1)
    var places: [String: Int] = [:]
    var merged: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .end = event {
        // What stands in the mapping itself counts before what is merged into it, and of several the first (YAML 1.1, `<<`).
        for member in merged.flatMap({ $0.members ?? [] }) where member.key.text.map({ places[$0] == nil }) ?? true {
          if let name = member.key.text { places[name] = members.count }
          members.append(member)
          size += member.key.size + member.value.size
        }
        return (members, size)
      }
      let key = try node(event)
      let place = key.text.flatMap { places[$0] }
      if place != nil, !lastCounts {
        throw TableError(line: key.line, expected: "each key once", found: "\(key.text ?? "") twice")
      }
      let value = try node(try events.next())
      if key.isMerge, value.members != nil || value.items != nil {
        merged += value.items ?? [value]
        continue
      }
      size += key.size + value.size
      if let place {
        members[place] = YAMLNode.Member(key: key, value: value)
      } else {
        if let name = key.text { places[name] = members.count }
        members.append(YAMLNode.Member(key: key, value: value))
      }
    }
  }
}
