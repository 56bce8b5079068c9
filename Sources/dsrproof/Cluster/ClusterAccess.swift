import Platform
import Tables

/// The API server to ask, and as whom: as kubectl finds them, by KUBECONFIG, `~/.kube/config`, or in a pod its own account.
struct ClusterAccess {
  var cluster: Kubeconfig.Cluster
  var user: Kubeconfig.User

  /// Where a pod's account is mounted: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
  private static let account = "/var/run/secrets/kubernetes.io/serviceaccount"

  private init(cluster: Kubeconfig.Cluster, user: Kubeconfig.User) {
    (self.cluster, self.user) = (cluster, user)
  }

  init() throws(Failure) {
    let named = environment("KUBECONFIG").map { $0.split(separator: ":").map(String.init) } ?? []
    let own = environment("HOME").map { "\($0)/.kube/config" }
    // As kubectl has it: of several that are named, those that are not there do not matter.
    let paths = (named.isEmpty ? [own].compactMap(\.self) : named).filter { fileStatus($0) != nil }
    if !paths.isEmpty {
      try self.init(kubeconfigs: paths)
    } else if let host = environment("KUBERNETES_SERVICE_HOST"), let port = environment("KUBERNETES_SERVICE_PORT"),
      fileStatus("\(Self.account)/token") != nil
    {
      let address = host.contains(":") ? "[\(host)]" : host
      self.init(
        cluster: Kubeconfig.Cluster(server: "https://\(address):\(port)", authority: .file("\(Self.account)/ca.crt")),
        user: Kubeconfig.User(token: .file("\(Self.account)/token")))
    } else {
      let missing = named.isEmpty ? own ?? "~/.kube/config" : named.joined(separator: ", ")
      throw .cannotRun(
        "--kubernetes live: there is no \(missing), and this is no pod with an account: name one in KUBECONFIG")
    }
  }

  private init(kubeconfigs paths: [String]) throws(Failure) {
    var found: Kubeconfig?
    for path in paths {
      let text = try inputText(at: path, kind: "kubeconfig", atMost: 16 << 20)
      do throws(TableError) {
        let config = try Kubeconfig(text: text, folder: path.parentPath)
        if found == nil { found = config } else { found?.add(config) }
      } catch {
        throw Failure(error, in: path)
      }
    }
    let name = paths.joined(separator: ", ")
    do throws(TableError) {
      guard let current = try found?.current() else {
        throw TableError(line: 0, expected: "a kubeconfig", found: "none")
      }
      (cluster, user) = current
    } catch {
      throw Failure(error, in: name)
    }
    if let unread = user.unread {
      throw .cannotRun(
        """
        \(name): the user has \(unread), which dsrproof does not follow\
        \(user.substitute.map { ": name \($0) in exec in its place; or" } ?? ":") \
        kubectl get services,endpointslices,nodes -A -o yaml | dsrproof … --kubernetes -
        """)
    }
    let isSecret = user.token != nil || user.key != nil || user.exec != nil
    if isSecret, cluster.server.hasPrefix("http://") {
      throw .cannotRun("\(name): expected https:// for a server that is given credentials, found \(cluster.server)")
    }
  }
}
