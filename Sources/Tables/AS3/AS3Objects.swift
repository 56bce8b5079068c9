/// The objects of a declaration by their names, as other objects name them.
///
/// Source: AS3 user guide, "AS3 pointers"; f5-appsvcs-extension `src/lib/util/extractUtil.js`.
struct AS3Objects {
  struct Place {
    /// Empty in a declaration of applications alone, whose tenant stands in the request's URL.
    let tenant: String
    let application: String
    let name: String

    var path: String { tenant.isEmpty ? "/\(application)/\(name)" : "/\(tenant)/\(application)/\(name)" }
  }

  /// An object of an application.
  struct Item {
    let place: Place
    fileprivate(set) var node: DocumentNode
    /// Neither its tenant nor its application is disabled; else the value that says so.
    let disabledBy: DocumentNode?

    var kind: String { node["class"]?.text ?? "" }
  }

  /// In the order of the text.
  private(set) var items: [Item] = []
  /// Those of which the text says anything, also that they hold nothing; empty for one whose name it does not tell.
  private(set) var tenants: Set<String> = []
  private(set) var isPatch = false
  private var indexByPath: [String: Int] = [:]

  /// Those of an ADC.
  init(_ declaration: DocumentNode) {
    for (tenant, content) in declaration.entries where content["class"]?.text == "Tenant" || tenant == "Common" {
      addTenant(tenant, content)
    }
    // It removes every tenant that it does not name.
    if declaration["updateMode"]?.text == "complete" { tenants.insert("") }
    followIncludes()
  }

  /// Those of applications without a tenant around them.
  init(applicationsOf content: DocumentNode) {
    addTenant("", content)
    followIncludes()
  }

  /// Those of an application without anything around it.
  init(application content: DocumentNode) {
    tenants = [""]
    addApplication("", "", content, disabledBy: nil)
    followIncludes()
  }

  /// What a JSON Patch (RFC 6902) puts in, as AS3 takes it: a tenant, an application or an object of one. What it changes
  /// within such an object is not followed, so that object is not known any more.
  init(patch: DocumentNode) {
    isPatch = true
    for operation in patch.items {
      guard let kind = operation["op"]?.text, kind != "test", let path = operation["path"]?.text else { continue }
      let names = Self.names(inPointer: path)
      forget(names)
      tenants.insert(names.first ?? "")
      if let source = operation["from"]?.text.map(Self.names(inPointer:)) {
        forget(source)
        tenants.insert(source.first ?? "")
      }
      guard ["add", "replace"].contains(kind), let value = operation["value"], value.isMapping else { continue }
      switch names.count {
      case 1: addTenant(names[0], value)
      case 2: addApplication(names[0], names[1], value, disabledBy: nil)
      case 3: add(value, at: Place(tenant: names[0], application: names[1], name: names[2]), disabledBy: nil)
      default: break
      }
    }
    followIncludes()
  }

  /// Source: RFC 6901 section 4.
  private static func names(inPointer pointer: String) -> [String] {
    pointer.split(separator: "/").map { String($0.replacing("~1", with: "/").replacing("~0", with: "~")) }
  }

  /// Takes away what stands at a path, or has something there.
  private mutating func forget(_ names: [String]) {
    let kept = items.filter { item in
      !zip([item.place.tenant, item.place.application, item.place.name], names).allSatisfy(==)
    }
    guard kept.count < items.count else { return }
    items = kept
    indexByPath = [:]
    for (index, item) in kept.enumerated() { indexByPath[item.place.path] = index }
  }

  private mutating func addTenant(_ tenant: String, _ content: DocumentNode) {
    tenants.insert(tenant)
    let disabledBy = content["enable"].flatMap { $0.bool == false ? $0 : nil }
    for (application, objects) in content.entries {
      addApplication(tenant, application, objects, disabledBy: disabledBy)
    }
  }

  private mutating func addApplication(
    _ tenant: String, _ application: String, _ objects: DocumentNode, disabledBy: DocumentNode?
  ) {
    guard objects["class"]?.text == "Application" else { return }
    let disabledBy = disabledBy ?? objects["enable"].flatMap { $0.bool == false ? $0 : nil }
    for (name, node) in objects.entries where node.isMapping {
      // BIG-IQ's template of that name may give other defaults than AS3's.
      let node = node.with("schemaOverlay", of: objects)
      add(node, at: Place(tenant: tenant, application: application, name: name), disabledBy: disabledBy)
    }
  }

  private mutating func add(_ node: DocumentNode, at place: Place, disabledBy: DocumentNode?) {
    indexByPath[place.path] = items.count
    items.append(Item(place: place, node: node, disabledBy: disabledBy))
  }

  /// What all includes of a text may come to, in members of objects.
  private static let includeLimit = 100_000

  /// What an object includes takes the place of what it says itself, the later one that of the earlier one. Where an include
  /// cannot be found, all stays as it is.
  ///
  /// Source: f5-appsvcs-extension `src/lib/tag/includeTag.js`, `src/lib/util/fetchUtil.js`.
  private mutating func followIncludes() {
    var room = Self.includeLimit
    for index in items.indices {
      guard let include = items[index].node["include"] else { continue }
      let named = include.isSequence ? include.items : [include]
      let found = named.compactMap { node in node.text.flatMap { included($0, from: items[index].place, &room) } }
      guard found.count == named.count else { continue }
      items[index].node = items[index].node.overlaid(by: found, named: "include", keeping: "class")
    }
  }

  private func included(_ pointer: String, from place: Place, _ room: inout Int) -> DocumentNode? {
    guard room > 0, let (item, names) = target(pointer, from: place) else { return nil }
    var found = item.node
    room -= found.memberCount
    for name in names {
      guard room > 0, let next = found[name] else { return nil }
      found = next
      room -= found.memberCount
    }
    return found.isMapping ? found : nil
  }

  /// The object of one of the classes that a pointer names, seen from another one. What includes something that was not found may
  /// be anything.
  func find(_ pointer: String, ofClass kinds: String..., from place: Place) -> Item? {
    guard let (item, names) = target(pointer, from: place), names.isEmpty, kinds.contains(item.kind),
      item.node["include"] == nil
    else { return nil }
    return item
  }

  /// The object that a pointer names, and the names of what it means within: a name of the same application, or a whole path, in
  /// which `@` stands for the own tenant or application.
  private func target(_ pointer: String, from place: Place) -> (Item, [String])? {
    var names = pointer.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if names.first == "" { names.removeFirst() } else { names = [place.tenant, place.application] + names }
    guard names.count >= 3 else { return nil }
    if names[0] == "@" { names[0] = place.tenant }
    if names[1] == "@" { names[1] = place.application }
    let named = Place(tenant: names[0], application: names[1], name: names[2])
    // Whatever the name of a tenant that is not told, it may be that one.
    let unnamed = Place(tenant: "", application: names[1], name: names[2])
    guard let index = indexByPath[named.path] ?? (place.tenant.isEmpty ? indexByPath[unnamed.path] : nil) else {
      return nil
    }
    return (items[index], Array(names.dropFirst(3)))
  }
}

extension DocumentNode {
  /// A name, or `{"use": name}`; `nil` for `{"bigip": path}`, which stands outside of the declaration.
  var pointer: String? { text ?? self["use"]?.text }

  /// What it names, for messages.
  var pointedName: String { pointer ?? self["bigip"]?.text ?? "" }

  /// As it is written, for messages.
  var written: String { isSequence ? "a list" : text ?? (pointedName.isEmpty ? "an object" : pointedName) }

  /// What an object does not say has AS3's default; but an `include` that is not found, and a template of BIG-IQ, may say it.
  var hasDefaults: Bool { self["include"] == nil && self["schemaOverlay"] == nil }

  /// A property of an object, its default where it is absent.
  func property<Value>(
    _ key: String, default value: Value?, _ read: (DocumentNode) -> Value?
  ) -> AS3Declaration.Property<Value> {
    guard let node = self[key] else {
      return AS3Declaration.Property(hasDefaults ? value : nil, line: line)
    }
    return AS3Declaration.Property(read(node), written: node.written, line: node.line)
  }

  func flag(_ key: String, default value: Bool?) -> AS3Declaration.Property<Bool> {
    property(key, default: value) { $0.bool }
  }

  /// `any` and 0 stand for every port.
  func portNumber(_ key: String, default value: UInt16?) -> AS3Declaration.Property<UInt16> {
    property(key, default: value) { node in
      node.text == "any" ? 0 : node.int.flatMap { UInt16(exactly: $0) }
    }
  }
}
