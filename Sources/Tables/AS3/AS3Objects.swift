/// The objects of a declaration by their names, as other objects name them.
///
/// Source: AS3 user guide, "AS3 pointers"; f5-appsvcs-extension `src/lib/util/extractUtil.js`.
struct AS3Objects {
  struct Place {
    let tenant: String
    let application: String
    let name: String

    var path: String { "/\(tenant)/\(application)/\(name)" }
  }

  /// An object of an application.
  struct Item {
    let place: Place
    let node: DocumentNode
    /// Neither its tenant nor its application is disabled; else the value that says so.
    let disabledBy: DocumentNode?

    var kind: String { node["class"]?.text ?? "" }
  }

  /// In the order of the text.
  private(set) var items: [Item] = []
  private var indexByPath: [String: Int] = [:]

  init(_ declaration: DocumentNode) {
    for (tenant, content) in declaration.entries where content["class"]?.text == "Tenant" || tenant == "Common" {
      for (application, objects) in content.entries where objects["class"]?.text == "Application" {
        let disabledBy = [content, objects].compactMap { $0["enable"] }.first { $0.bool == false }
        for (name, node) in objects.entries where node.isMapping {
          let place = Place(tenant: tenant, application: application, name: name)
          indexByPath[place.path] = items.count
          items.append(Item(place: place, node: node, disabledBy: disabledBy))
        }
      }
    }
  }

  /// The object of a class that a pointer names, seen from another one: a name of the same application, or a whole path.
  func find(_ pointer: String, ofClass kind: String, from place: Place) -> Item? {
    let path = pointer.hasPrefix("/") ? pointer : "/\(place.tenant)/\(place.application)/\(pointer)"
    guard let index = indexByPath[path], items[index].kind == kind else { return nil }
    return items[index]
  }
}

extension DocumentNode {
  /// A name, or `{"use": name}`; `nil` for `{"bigip": path}`, which stands outside of the declaration.
  var pointer: String? { text ?? self["use"]?.text }

  /// What it names, for messages.
  var pointedName: String { pointer ?? self["bigip"]?.text ?? "" }

  /// A property of an object, its default where it is absent. With `include` the properties of others come in, and
  /// absence says nothing.
  func property<Value>(
    _ key: String, default value: Value?, _ read: (DocumentNode) throws(TableError) -> Value?
  ) throws(TableError) -> AS3Declaration.Property<Value> {
    guard let node = self[key] else {
      return AS3Declaration.Property(self["include"] == nil ? value : nil, line: line)
    }
    return AS3Declaration.Property(try read(node), written: node.text ?? node.pointedName, line: node.line)
  }

  func flag(_ key: String, default value: Bool?) throws(TableError) -> AS3Declaration.Property<Bool> {
    try property(key, default: value) { node throws(TableError) in
      guard let flag = node.bool else { throw node.fault("\(key): true or false") }
      return flag
    }
  }

  func portNumber(_ key: String, default value: UInt16?) throws(TableError) -> AS3Declaration.Property<UInt16> {
    try property(key, default: value) { node throws(TableError) in
      guard let port = node.int.flatMap({ UInt16(exactly: $0) }) else {
        throw node.fault("\(key): a port, from 0 to 65535")
      }
      return port
    }
  }
}
