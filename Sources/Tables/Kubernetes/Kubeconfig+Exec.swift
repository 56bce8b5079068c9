import Platform

extension Kubeconfig {
  /// A program that tells the credentials when it is run.
  ///
  /// Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins, and client-go
  /// `plugin/pkg/client/auth/exec/exec.go`, `tools/clientcmd/validation.go`.
  public struct Exec: Sendable, Equatable {
    public struct Variable: Sendable, Equatable {
      public var name: String
      public var value: String
    }

    /// A path, or a name without a slash that is to be looked for in PATH.
    public var command: String
    public var arguments: [String]
    /// Set beside those that there are.
    public var variables: [Variable]
    public var version: ExecCredential.Version
    /// It is told which cluster its credentials are for.
    public var wantsCluster: Bool
    /// It does not run without one.
    public var needsTerminal: Bool
    /// What to do where it is not installed.
    public var hint: String?

    /// What it is told in the variable KUBERNETES_EXEC_INFO. `authority`: what the cluster's certificate authority holds.
    public func info(for cluster: Cluster, authority: [UInt8]?) -> String {
      var spec = ""
      if wantsCluster {
        var fields = ["\"server\":\(jsonText(cluster.server))"]
        if let name = cluster.serverName { fields.append("\"tls-server-name\":\(jsonText(name))") }
        if cluster.isUnverified { fields.append("\"insecure-skip-tls-verify\":true") }
        if let authority {
          var base64: [UInt8] = []
          base64.append(base64: authority)
          fields.append("\"certificate-authority-data\":\"\(String(decoding: base64, as: UTF8.self))\"")
        }
        if let config = cluster.execConfig { fields.append("\"config\":\(config)") }
        spec = "\"cluster\":{\(fields.joined(separator: ","))},"
      }
      return """
        {"kind":"ExecCredential","apiVersion":"\(version.rawValue)","spec":{\(spec)"interactive":false}}
        """
    }
  }
}

extension Kubeconfig.Exec {
  init(_ node: DocumentNode, _ folder: String) throws(TableError) {
    guard let command = node["command"]?.text, !command.isEmpty else {
      throw (node["command"] ?? node).fault("a command in exec")
    }
    // As a kubeconfig is moved with what lies beside it: but a name is no path.
    self.command = command.contains("/") ? Kubeconfig.path(command, folder) : command
    guard let version = node["apiVersion"]?.text.flatMap(ExecCredential.Version.init(rawValue:)) else {
      throw (node["apiVersion"] ?? node).fault(
        "apiVersion client.authentication.k8s.io/v1 or v1beta1 in exec", found: node["apiVersion"]?.text ?? "none")
    }
    self.version = version
    arguments = try (node["args"]?.items ?? []).map { item throws(TableError) in
      guard let text = item.text else { throw item.fault("a text in args of exec") }
      return text
    }
    variables = try (node["env"]?.items ?? []).map { item throws(TableError) in
      guard let name = item["name"]?.text, !name.isEmpty, !name.contains("=") else {
        throw (item["name"] ?? item).fault("the name of a variable in env of exec")
      }
      return Variable(name: name, value: item["value"]?.text ?? "")
    }
    wantsCluster = node["provideClusterInfo"]?.bool ?? false
    hint = node["installHint"]?.text
    switch node["interactiveMode"]?.text {
    case "Never", "IfAvailable": needsTerminal = false
    case "Always": needsTerminal = true
    case nil where version == .v1beta1: needsTerminal = false
    case let mode:
      throw (node["interactiveMode"] ?? node).fault(
        "interactiveMode Never, IfAvailable or Always in exec", found: mode ?? "none, which v1 does not allow")
    }
  }
}

extension DocumentNode {
  /// As JSON. What YAML writes as a number, and JSON does not, is a text.
  var json: String {
    if let text {
      if isNothing { return "null" }
      return isPlain && (text == "true" || text == "false" || isJSONNumber(text)) ? text : jsonText(text)
    }
    if isSequence { return "[\(items.map(\.json).joined(separator: ","))]" }
    return "{\(entries.map { "\(jsonText($0.key)):\($0.value.json)" }.joined(separator: ","))}"
  }
}

/// A number as RFC 8259 section 6 has it.
private func isJSONNumber(_ text: String) -> Bool {
  var rest = Array(text.utf8)[...]
  let take = { (signs: String) -> Bool in
    guard let first = rest.first, signs.utf8.contains(first) else { return false }
    rest = rest.dropFirst()
    return true
  }
  let takeDigits = { () -> Int in
    let count = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
    rest = rest.dropFirst(count)
    return count
  }
  _ = take("-")
  if !take("0"), takeDigits() == 0 { return false }
  if take("."), takeDigits() == 0 { return false }
  if take("eE") {
    _ = take("+-")
    if takeDigits() == 0 { return false }
  }
  return rest.isEmpty
}

/// A text in quotes, as RFC 8259 section 7 has it.
private func jsonText(_ text: String) -> String {
  var json = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\":
      json.unicodeScalars.append("\\")
      json.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{1f}":
      let hex = String(scalar.value, radix: 16)
      json += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: json.unicodeScalars.append(scalar)
    }
  }
  return json + "\""
}
