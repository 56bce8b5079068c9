extension KubernetesObjects {
  /// Reads what `kubectl get … -o yaml` or `-o json` prints: one object, a list, or several documents; or kubectl's tables and
  /// descriptions. Kinds and fields that no check uses are passed over.
  public init(text: String) throws(TableError) {
    if let printed = try Self(kubectl: text) {
      self = printed
      return
    }
    self.init()
    let documents = try DocumentNode.all(of: text)
    var others: [String] = []
    for document in documents { try read(document, kind: document["kind"]?.text, &others) }
    guard !isEmpty else {
      let expected = "a Service, EndpointSlice, Endpoints, Node, kube-proxy's ConfigMap, or a List of them"
      throw TableError(
        line: documents.first?.line ?? 0, expected: expected,
        found: documents.isEmpty ? "nothing" : others.isEmpty ? "none" : others.joined(separator: ", "),
        isOfNoForm: true)
    }
  }

  /// Reads an object, or a list, whatever is in it.
  mutating func readList(_ object: DocumentNode, kind: String) throws(TableError) {
    var others: [String] = []
    try read(object, kind: kind, &others)
  }

  /// Adds the objects of `other`.
  public mutating func add(_ other: KubernetesObjects) {
    services += other.services
    endpointSlices += other.endpointSlices
    nodes += other.nodes
    proxyConfigurations += other.proxyConfigurations
  }

  var isEmpty: Bool {
    services.isEmpty && endpointSlices.isEmpty && nodes.isEmpty && proxyConfigurations.isEmpty
  }

  /// Reads an object. In a list as the API itself prints it (`ServiceList`) the members do not tell their kind.
  private mutating func read(_ object: DocumentNode, kind: String?, _ others: inout [String]) throws(TableError) {
    guard object.isMapping else { throw object.fault("a Kubernetes object, which is a mapping") }
    switch kind {
    case "Service": services.append(try Service(object))
    case "EndpointSlice": if let slice = try EndpointSlice(object) { endpointSlices.append(slice) }
    case "Endpoints": endpointSlices += try EndpointSlice.all(ofEndpoints: object)
    case "Node": nodes.append(try Node(object))
    case "ConfigMap": proxyConfigurations += try ProxyConfiguration.all(inConfigMap: object)
    case "KubeProxyConfiguration": proxyConfigurations.append(try ProxyConfiguration(object))
    case .some(let list) where list.hasSuffix("List"):
      let member = list.dropLast("List".utf8.count)
      for item in try object.list("items") {
        try read(item, kind: item["kind"]?.text ?? (member.isEmpty ? nil : String(member)), &others)
      }
    default: break
    }
    let name = kind ?? "an object without a kind"
    if isEmpty, others.count < 5, !others.contains(name) { others.append(name) }
  }
}

// MARK: What a field has to be

extension DocumentNode {
  /// The mapping of that name; `nil` where there is none.
  func mapping(_ key: String) throws(TableError) -> DocumentNode? {
    guard let value = self[key] else { return nil }
    guard value.isMapping else { throw value.fault("\(key): a mapping") }
    return value
  }

  /// The members of the list of that name; none where there is no such list.
  func list(_ key: String) throws(TableError) -> [DocumentNode] {
    guard let value = self[key] else { return [] }
    guard value.isSequence else { throw value.fault("\(key): a list") }
    return value.items
  }

  func mappings(_ key: String) throws(TableError) -> [DocumentNode] {
    let items = try list(key)
    for item in items where !item.isMapping { throw item.fault("\(key): a list of mappings") }
    return items
  }

  /// The text of that name; `nil` where there is none, or it is empty.
  func string(_ key: String) throws(TableError) -> KubernetesObjects.Fact<String>? {
    guard let value = self[key] else { return nil }
    guard let text = value.text else { throw value.fault("\(key): a text") }
    return text.isEmpty ? nil : KubernetesObjects.Fact(text, line: value.line)
  }

  func boolean(_ key: String) throws(TableError) -> KubernetesObjects.Fact<Bool>? {
    guard let value = self[key] else { return nil }
    guard let bool = value.bool else { throw value.fault("\(key): true or false") }
    return KubernetesObjects.Fact(bool, line: value.line)
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable<String> & CaseIterable & Sendable & Equatable>(
    _ key: String, as _: Word.Type = Word.self
  ) throws(TableError) -> KubernetesObjects.Fact<Word>? {
    guard let fact = try string(key) else { return nil }
    guard let word = Word(rawValue: fact.value) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw TableError(line: fact.line, expected: "\(key): one of \(words)", found: fact.value)
    }
    return KubernetesObjects.Fact(word, line: fact.line)
  }

  /// A port from 1 to 65535; 0 stands for none.
  func port(_ key: String) throws(TableError) -> KubernetesObjects.Fact<UInt16>? {
    guard let value = self[key] else { return nil }
    guard let number = value.int, let port = UInt16(exactly: number) else {
      throw value.fault("\(key): a port, from 1 to 65535")
    }
    return port == 0 ? nil : KubernetesObjects.Fact(port, line: value.line)
  }

  /// Labels and annotations: whatever is not a text is passed over, for no check asks for it.
  func texts(_ key: String) throws(TableError) -> [String: KubernetesObjects.Fact<String>] {
    let entries = try mapping(key)?.entries ?? []
    let facts = entries.compactMap { name, value in
      value.text.map { (name, KubernetesObjects.Fact(value.isNothing ? "" : $0, line: value.line)) }
    }
    return Dictionary(facts) { first, _ in first }
  }
}
