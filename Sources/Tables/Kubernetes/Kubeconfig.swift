import Platform

/// How to reach a cluster's API server, and as whom, as kubectl is told.
///
/// Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
public struct Kubeconfig: Sendable, Equatable {
  /// What stands in a file of its own, or in the configuration itself.
  public enum Content: Sendable, Equatable {
    case file(String)
    case bytes([UInt8])
  }

  public struct Cluster: Sendable, Equatable {
    /// As `https://10.0.0.1:6443`, without a slash at its end.
    public var server: String
    /// Who signs the server's certificate, in PEM; the system's authorities where nothing is said.
    public var authority: Content?
    /// The name that the certificate has to bear, where it is not the server's.
    public var serverName: String?
    /// Whoever answers is believed.
    public var isUnverified = false
    /// What a program that tells credentials for it is told of it besides, in JSON.
    public var execConfig: String?

    public init(server: String, authority: Content? = nil) {
      self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
      self.authority = authority
    }
  }

  public struct User: Sendable, Equatable {
    public var token: Content?
    /// In PEM, as the key.
    public var certificate: Content?
    public var key: Content?
    /// Tells the token or the certificate, where neither stands there.
    public var exec: Exec?
    /// A way to get credentials that is not followed: `auth-provider` and its kin.
    public var unread: String?
    /// What to name in place of that, where it is known.
    public var substitute: String?
    /// What makes no sense in `exec`, which matters of the user who is meant alone.
    fileprivate var fault: TableError?

    public init(token: Content? = nil) { self.token = token }
  }

  private struct Context: Sendable, Equatable {
    var cluster: String
    var user: String
  }

  private var clusters: [String: Cluster] = [:]
  private var users: [String: User] = [:]
  private var contexts: [String: Context] = [:]
  private var currentContext: String?

  /// Reads a file that lies in `folder`, from which its paths start.
  ///
  /// - Throws: `TableError`, with the line of what makes no sense.
  public init(text: String, folder: String) throws(TableError) {
    guard let document = try DocumentNode.all(of: text).first else { return }
    guard document.isMapping, document["kind"].map({ $0.text == "Config" }) ?? true else {
      throw document.fault("a kubeconfig, whose kind is Config", found: document["kind"]?.text)
    }
    for (name, node) in try document.named("clusters", "cluster") { clusters[name] = try Cluster(node, folder) }
    for (name, node) in try document.named("users", "user") { users[name] = try User(node, folder) }
    for (name, node) in try document.named("contexts", "context") {
      contexts[name] = Context(cluster: node["cluster"]?.text ?? "", user: node["user"]?.text ?? "")
    }
    currentContext = document["current-context"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Adds what stands in a later file of the list in KUBECONFIG: what an earlier one says stays.
  public mutating func add(_ later: Kubeconfig) {
    clusters.merge(later.clusters) { own, _ in own }
    users.merge(later.users) { own, _ in own }
    contexts.merge(later.contexts) { own, _ in own }
    currentContext = currentContext ?? later.currentContext
  }

  /// The cluster that is meant, and the user to be there.
  ///
  /// - Throws: `TableError` without a line, where it names one that is not there.
  public func current() throws(TableError) -> (cluster: Cluster, user: User) {
    guard let currentContext else { throw TableError(line: 0, expected: "a current-context", found: "none") }
    guard let context = contexts[currentContext] else {
      throw TableError(line: 0, expected: "a context \(currentContext), which is the current one", found: "none")
    }
    guard let cluster = clusters[context.cluster] else {
      throw TableError(line: 0, expected: "the cluster \(context.cluster) of context \(currentContext)", found: "none")
    }
    // Without a user, one is anonymous.
    if context.user.isEmpty { return (cluster, User()) }
    guard let user = users[context.user] else {
      throw TableError(line: 0, expected: "the user \(context.user) of context \(currentContext)", found: "none")
    }
    if let fault = user.fault { throw fault }
    return (cluster, user)
  }
}

extension Kubeconfig.Cluster {
  fileprivate init(_ node: DocumentNode, _ folder: String) throws(TableError) {
    guard let server = node["server"]?.text, server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw (node["server"] ?? node).fault("a server, as https://10.0.0.1:6443")
    }
    self.init(server: server, authority: try Kubeconfig.Content(node, "certificate-authority", folder))
    serverName = node["tls-server-name"]?.text
    isUnverified = node["insecure-skip-tls-verify"]?.bool ?? false
    // The name that is set aside for this.
    execConfig =
      node["extensions"]?.items.first { $0["name"]?.text == "client.authentication.k8s.io/exec" }?["extension"]?.json
    if let proxy = node["proxy-url"] { throw proxy.fault("no proxy-url, which is not read: set HTTPS_PROXY") }
  }
}

extension Kubeconfig.User {
  fileprivate init(_ node: DocumentNode, _ folder: String) throws(TableError) {
    // As client-go has it, a file counts before a text.
    token =
      node["tokenFile"]?.text.map { .file(Kubeconfig.path($0, folder)) }
      ?? node["token"]?.text.map { .bytes(Array($0.utf8)) }
    certificate = try Kubeconfig.Content(node, "client-certificate", folder)
    key = try Kubeconfig.Content(node, "client-key", folder)
    unread = ["auth-provider", "username", "as"].first { node[$0] != nil }
    // kubectl itself has had none for clouds since 1.26.
    let substitutes = ["gcp": "gke-gcloud-auth-plugin", "azure": "kubelogin", "oidc": "kubectl-oidc_login"]
    substitute = node["auth-provider"].map { substitutes[$0["name"]?.text ?? ""] ?? "a program" }
    // As client-go has it, what stands there counts before what a program would tell.
    guard let exec = node["exec"], token == nil, certificate == nil else { return }
    do throws(TableError) {
      self.exec = try Kubeconfig.Exec(exec, folder)
    } catch {
      fault = error
    }
  }
}

extension Kubeconfig {
  static func path(_ path: String, _ folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
  }
}

extension Kubeconfig.Content {
  /// `name-data` in base64 counts before the file that `name` names.
  fileprivate init?(_ node: DocumentNode, _ name: String, _ folder: String) throws(TableError) {
    if let data = node["\(name)-data"], let text = data.text, !text.isEmpty {
      guard let bytes = [UInt8](base64: text) else {
        throw data.fault("base64", found: "text that is none")
      }
      self = .bytes(bytes)
    } else if let path = node[name]?.text, !path.isEmpty {
      self = .file(Kubeconfig.path(path, folder))
    } else {
      return nil
    }
  }
}

extension DocumentNode {
  /// The members of a list, by their names; of two with one name the first.
  fileprivate func named(_ list: String, _ field: String) throws(TableError) -> [String: DocumentNode] {
    var found: [String: DocumentNode] = [:]
    for item in self[list]?.items ?? [] {
      guard let name = item["name"]?.text else { throw item.fault("a name") }
      if let node = item[field], found[name] == nil { found[name] = node }
    }
    return found
  }
}
