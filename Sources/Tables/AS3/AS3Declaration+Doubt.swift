extension AS3Declaration {
  /// Why nothing tells whether a virtual server runs as it is declared.
  public enum Doubt: Sendable {
    /// AS3's answer tells an error, in that tenant or in another one.
    case refused
    /// Another text says something else of its tenant.
    case changed
    /// Its declaration stands in a list of AS3's tasks, and nothing tells which of them was the last.
    case oneOfSeveral
  }

  /// One of the requests, declarations or answers that stand in a text one after another.
  struct Text: Equatable, Sendable {
    /// Those of which it says anything; empty for one that it does not name.
    var tenants: Set<String>
    /// Those of them that it does not declare: it patches, removes or empties them, or tells that they were refused.
    var changed: Set<String>
    var virtuals: Range<Int>

    /// Objects of every tenant may name those of Common, and a tenant without a name may be any.
    static func areAll(_ tenants: Set<String>) -> Bool { tenants.contains("") || tenants.contains("Common") }
  }

  mutating func add(_ objects: AS3Objects, _ doubt: Doubt?) {
    let first = virtuals.endIndex
    virtuals += Virtual.all(in: objects)
    for index in first..<virtuals.endIndex { virtuals[index].doubt = doubt }
    let changed = objects.isPatch ? objects.tenants : objects.tenants.subtracting(objects.items.map(\.place.tenant))
    texts.append(Text(tenants: objects.tenants, changed: changed, virtuals: first..<virtuals.endIndex))
  }

  /// A text that declares nothing of these tenants.
  mutating func add(changesOf tenants: Set<String>) {
    texts.append(Text(tenants: tenants, changed: tenants, virtuals: virtuals.endIndex..<virtuals.endIndex))
  }

  /// What a text says of a tenant replaces or changes what those before it said, and the result is not followed. Only a
  /// virtual server that the later one has too, for the same packets, is judged as both have it.
  mutating func doubtWhatLaterTextsChange() {
    // The virtual servers of each tenant that no later text has touched yet.
    var untouched: [String: [Int]] = [:]
    for text in texts where !text.tenants.isEmpty {
      let kept = Set(virtuals[text.virtuals].map(\.claim))
      for tenant in Text.areAll(text.tenants) ? Set(untouched.keys) : text.tenants.union([""]) {
        for index in untouched.removeValue(forKey: tenant) ?? [] where !kept.contains(virtuals[index].claim) {
          virtuals[index].doubt = .changed
        }
      }
      for index in text.virtuals { untouched[virtuals[index].tenant, default: []].append(index) }
    }
  }

  /// The virtual servers, where other files count too: their order nothing tells, so what any of them changes is in doubt.
  public func virtuals(beside others: [AS3Declaration]) -> [Virtual] {
    var found = virtuals
    for other in others where origin == .as3 {
      let changed = other.texts.reduce(into: Set<String>()) { $0.formUnion($1.changed) }
      guard !changed.isEmpty else { continue }
      let kept = Set(other.virtuals.map(\.claim))
      for index in found.indices where !kept.contains(found[index].claim) {
        let tenant = found[index].tenant
        if tenant.isEmpty || Text.areAll(changed) || changed.contains(tenant) { found[index].doubt = .changed }
      }
    }
    return found
  }
}

extension AS3Declaration.Virtual {
  /// Which virtual server it is, and what it takes.
  fileprivate struct Claim: Hashable {
    var path: String
    var kind: String
    var addresses: [Subnet?]
    var port: UInt16?
    var layer4: String?
    var isEnabled: Bool?
  }

  fileprivate var claim: Claim {
    Claim(
      path: path, kind: kind, addresses: addresses.map(\.subnet), port: port.value, layer4: layer4.value,
      isEnabled: isEnabled.value)
  }
}
