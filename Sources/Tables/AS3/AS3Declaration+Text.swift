import Wire

extension AS3Declaration {
  /// Reads AS3 requests, declarations or answers in JSON, one or several one after another, the ConfigMap that carries one (`data.template`, labelled `as3: "true"`),
  /// a List or several documents that have such ConfigMaps among them, or a ConfigMap whose YAML is broken around JSON
  /// that is whole; or what `tmsh list` prints of BIG-IP's own objects.
  ///
  /// Sources: f5-appsvcs-extension `src/schema/latest/core-schema.json`; k8s-bigip-ctlr `pkg/agent/as3/as3ConfigMap.go`.
  public init(text: String) throws(TableError) {
    if let listed = try Self(tmsh: text) {
      self = listed
      return
    }
    self.init()
    let template = Self.templateInBrokenYAML(text)
    let documents: [DocumentNode]
    do {
      documents = try DocumentNode.all(of: text, lastCounts: true)
    } catch {
      guard let template else { throw error }
      documents = try DocumentNode.all(of: template.text, firstLine: template.line, lastCounts: true)
    }
    var found = false
    for document in documents { found = try read(document, kind: document["kind"]?.text, depth: 0) || found }
    if !found, let template {
      for document in try DocumentNode.all(of: template.text, firstLine: template.line, lastCounts: true) {
        found = try readDeclaration(document) || found
      }
    }
    doubtWhatLaterTextsChange()
    guard found else {
      throw TableError(
        line: text.isEmpty ? 0 : 1,
        expected:
          "an AS3 declaration (class AS3 or ADC), or a ConfigMap that carries one (data.template, as3: \"true\")",
        found: text.isEmpty ? "nothing" : "none", isOfNoForm: true)
    }
  }

  /// Reads an object; `true` where it is a declaration, or has one.
  private mutating func read(_ object: DocumentNode, kind: String?, depth: Int) throws(TableError) -> Bool {
    if try readDeclaration(object) { return true }
    switch kind {
    case "ConfigMap": return try readConfigMap(object)
    case "Service": services.append(LabelledService(object))
    case .some(let list) where list.hasSuffix("List") && depth < 4:
      let member = String(list.dropLast("List".utf8.count))
      var found = false
      for item in object["items"]?.items ?? [] {
        let kind = item["kind"]?.text ?? (member.isEmpty ? nil : member)
        found = try read(item, kind: kind, depth: depth + 1) || found
      }
      return found
    default: break
    }
    return false
  }

  /// One without the label is not CIS's: whatever it holds is never declared.
  private mutating func readConfigMap(_ object: DocumentNode) throws(TableError) -> Bool {
    guard object["metadata"]?["labels"]?["as3"]?.text == "true", let template = object["data"]?["template"] else {
      return false
    }
    var found = false
    for document in try template.documentsInText(lastCounts: true) { found = try readDeclaration(document) || found }
    guard found else { throw template.fault("template: an AS3 declaration, of class AS3 or ADC") }
    return true
  }

  /// Reads what AS3 takes and gives: a request, a declaration, several of them in a list, applications without a tenant, a
  /// patch, or an answer that has the declaration in it. `true` where it is one of these.
  ///
  /// Source: AS3 user guide, "AS3 API methods" (POST, PATCH and GET answers) and "Per-Application deployments".
  private mutating func readDeclaration(
    _ object: DocumentNode, depth: Int = 0, doubt: Doubt? = nil
  ) throws(TableError) -> Bool {
    if object.isDryRun { return true }
    var doubt = doubt
    if let tenants = object.refusedTenants {
      doubt = .refused
      add(changesOf: tenants)
    }
    switch object["class"]?.text {
    case "AS3":
      if let tenants = object.tenantsWithoutDeclaration {
        add(changesOf: tenants)
        return true
      }
      // One that patches has a patchBody in place of a declaration, and one that retrieves has neither.
      guard let content = object["declaration"] ?? object["patchBody"] else { return true }
      guard depth < Self.depthLimit, try readDeclaration(content, depth: depth + 1, doubt: doubt) || content.isEmpty
      else {
        throw content.fault("declaration: an object of class ADC")
      }
      return true
    case "ADC":
      // AS3's answer to a patch has the class beside the declaration.
      if depth < Self.depthLimit, let answered = object["declaration"], answered["class"] == nil,
        try readDeclaration(answered, depth: depth + 1, doubt: doubt)
      {
        return true
      }
      add(AS3Objects(object), doubt)
      return true
    case "Tenant":
      add(AS3Objects(applicationsOf: object), doubt)
      return true
    case "Application":
      add(AS3Objects(application: object), doubt)
      return true
    case .some: return false
    case nil: break
    }
    guard depth < Self.depthLimit else { return false }
    if object.isSequence {
      if object.items.contains(where: { $0["op"] != nil && $0["path"] != nil }) {
        add(AS3Objects(patch: object), doubt)
        return true
      }
      var found = object.isEmpty
      for item in object.items where item.isMapping {
        found = try readDeclaration(item, depth: depth + 1, doubt: doubt) || found
      }
      return found
    }
    if object["kind"] != nil { return false }
    // BIG-IQ's answer has one declaration or a list of them in `response`.
    for key in ["declaration", "response"] {
      if let answered = object[key], try readDeclaration(answered, depth: depth + 1, doubt: doubt) { return true }
    }
    if let items = object["items"] {
      let isOneOfSeveral = items.items.count > 1
      return try readDeclaration(items, depth: depth + 1, doubt: doubt ?? (isOneOfSeveral ? .oneOfSeveral : nil))
    }
    let classes = Set(object.entries.compactMap { $0.value["class"]?.text })
    if classes.contains("Tenant") {
      add(AS3Objects(object), doubt)
      return true
    }
    if classes.contains("Application") {
      add(AS3Objects(applicationsOf: object), doubt)
      return true
    }
    return object.isAS3WithoutDeclaration
  }

  private static let depthLimit = 4

  /// The JSON after `template:` in a text that is no YAML, as where indentation or line breaks were lost.
  private static func templateInBrokenYAML(_ text: String) -> (text: String, line: Int)? {
    guard let key = text.firstRange(of: "template:"), text[..<key.lowerBound].contains("ConfigMap"),
      text[..<key.lowerBound].contains(/as3:\s*["']true["']/)
    else { return nil }
    guard let start = text[key.upperBound...].firstIndex(of: "{"),
      text[key.upperBound..<start].allSatisfy({ $0.isWhitespace || $0 == "|" || $0 == "-" })
    else { return nil }
    var (depth, isQuoted, isEscaped) = (0, false, false)
    let bytes = text.utf8
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      bytes.formIndex(after: &index)
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isQuoted: isEscaped = true
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "{") where !isQuoted: depth += 1
      case UInt8(ascii: "}") where !isQuoted:
        depth -= 1
        if depth == 0 {
          let line = 1 + bytes[..<start].count { $0 == UInt8(ascii: "\n") }
          return (String(text[start..<index]), line)
        }
      default: break
      }
    }
    return nil
  }
}

extension DocumentNode {
  /// An answer to a request that was refused or is still at work, or the body of AS3's settings, or nothing: none of these
  /// declares anything.
  ///
  /// Source: AS3 user guide, "Settings endpoint", "AS3 API methods" (asynchronous answers) and "Troubleshooting" (an answer with
  /// `code` and `message` alone).
  fileprivate var isAS3WithoutDeclaration: Bool {
    if isMapping, isEmpty { return true }
    if has("code") || has("statusCode"), self["message"]?.text != nil { return true }
    if self["results"]?.items.contains(where: { $0["code"] != nil }) ?? false { return true }
    let keys = members.map(\.key.text)
    return !keys.isEmpty && keys.allSatisfy { $0.map(Self.settings.contains) ?? false }
  }

  /// It shows what would happen, and nothing is deployed; or it is the answer to such a one.
  ///
  /// Source: f5-appsvcs-extension `src/schema/latest/core-schema.json` (AS3, action; Controls, dryRun);
  /// `src/lib/context/requestContext.js`: an object of class Controls counts, whatever its name is.
  fileprivate var isDryRun: Bool {
    self["class"]?.text == "AS3" && self["action"]?.text == "dry-run"
      || entries.contains { name, value in
        (name == "controls" || value["class"]?.text == "Controls") && value["dryRun"]?.bool == true
      }
      || self["results"]?.items.contains { $0["dryRun"]?.bool == true } ?? false
  }

  /// The tenants of an answer that tells an error; `nil` for anything else.
  fileprivate var refusedTenants: Set<String>? {
    let isError = { (node: DocumentNode) in (node["code"] ?? node["statusCode"])?.int ?? 0 >= 400 }
    let refused = (self["results"]?.items ?? []).filter(isError)
    if !refused.isEmpty { return Set(refused.map { $0["tenant"]?.text ?? "" }) }
    return isError(self) ? [""] : nil
  }

  /// The tenants of a request that removes, or brings back what an older one declared; `nil` for any other request.
  fileprivate var tenantsWithoutDeclaration: Set<String>? {
    switch self["action"]?.text {
    case "redeploy": return [""]
    case "remove":
      let named = self["declaration"].map { AS3Objects($0).tenants } ?? []
      return named.isEmpty ? [""] : named
    default: return nil
    }
  }

  private static let settings: Set<String> = [
    "asyncTaskStorage", "betaOptions", "burstHandlingEnabled", "encodeDeclarationMetadata",
    "performanceTracingEnabled", "performanceTracingEndpoint", "perAppDeploymentAllowed", "serializeFileUploads",
    "serviceDiscoveryEnabled", "webhook",
  ]
}

extension AS3Declaration.LabelledService {
  /// Source: clouddocs.f5.com, Container Ingress Services and AS3 Extension integration.
  init(_ object: DocumentNode) {
    let labels = object["metadata"]?["labels"]
    let label = { (name: String) -> AS3Declaration.Property<String>? in
      labels?[name].flatMap { node in node.text.map { AS3Declaration.Property($0, written: $0, line: node.line) } }
    }
    let ingress = object["status"]?["loadBalancer"]?["ingress"]?.items.compactMap { $0["ip"]?.text } ?? []
    let addresses = ([object["spec"]?["loadBalancerIP"]?.text].compactMap { $0 } + ingress).compactMap { IPAddress($0) }
    let ports = object["spec"]?["ports"]?.items.compactMap { $0["port"]?.int.flatMap { UInt16(exactly: $0) } } ?? []
    self.init(
      name: "\(object["metadata"]?["namespace"]?.text ?? "default")/\(object["metadata"]?["name"]?.text ?? "")",
      line: object.line, tenant: label("cis.f5.com/as3-tenant"), application: label("cis.f5.com/as3-app"),
      pool: label("cis.f5.com/as3-pool"), addresses: addresses, ports: ports)
  }
}
