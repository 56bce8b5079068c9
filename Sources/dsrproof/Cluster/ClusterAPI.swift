import CCurl
import Platform
import Tables

/// A cluster's API server, asked by libcurl for the objects that the checks know.
@safe final class ClusterAPI {
  private let access: ClusterAccess
  private let curl: CurlLibrary
  private var handle: CurlLibrary.Handle
  /// Tells the credentials, where the kubeconfig does not.
  private let program: CredentialProgram?
  private var told: ExecCredential?

  /// Of an answer, which is a page of a list: ten times what 500 large objects take.
  private static let byteLimit = 256 << 20
  private static let pageLimit = 2_000
  /// For an answer, in seconds.
  private static let patience = 60
  /// How often a server that is busy is asked, and how long between.
  private static let (tries, pause) = (3, Duration.seconds(1))

  init(_ access: ClusterAccess) throws(Failure) {
    guard let curl = CurlLibrary() else {
      throw .cannotRun("--kubernetes live needs libcurl, which is missing: install libcurl4")
    }
    let cluster = access.cluster
    program = try access.user.exec.map { exec throws(Failure) in try CredentialProgram(exec, for: cluster) }
    unsafe (self.access, self.curl, self.handle) = (access, curl, try Self.begin(curl))
    if cluster.isUnverified {
      complain("warning: \(cluster.server) is not verified (insecure-skip-tls-verify): whoever answers is believed")
    }
    try prepare()
  }

  private static func begin(_ curl: CurlLibrary) throws(Failure) -> CurlLibrary.Handle {
    guard let handle = unsafe curl.begin() else { throw .cannotRun("--kubernetes live: no memory") }
    return unsafe handle
  }

  /// Sets what all questions have in common.
  private func prepare() throws(Failure) {
    unsafe curl.set(CURLOPT_NOSIGNAL, 1, on: handle)
    unsafe curl.set(CURLOPT_CONNECTTIMEOUT, 10, on: handle)
    unsafe curl.set(CURLOPT_TIMEOUT, Self.patience, on: handle)
    unsafe curl.set(CURLOPT_USERAGENT, "dsrproof/\(DSRProof.version)", on: handle)
    let cluster = access.cluster
    if cluster.isUnverified {
      unsafe curl.set(CURLOPT_SSL_VERIFYPEER, 0, on: handle)
      unsafe curl.set(CURLOPT_SSL_VERIFYHOST, 0, on: handle)
    }
    try set(cluster.authority, file: CURLOPT_CAINFO, bytes: CURLOPT_CAINFO_BLOB)
    let certificate = told?.certificate.map(Kubeconfig.Content.bytes) ?? access.user.certificate
    try set(certificate, file: CURLOPT_SSLCERT, bytes: CURLOPT_SSLCERT_BLOB)
    try set(
      told?.key.map(Kubeconfig.Content.bytes) ?? access.user.key, file: CURLOPT_SSLKEY, bytes: CURLOPT_SSLKEY_BLOB)
  }

  /// Runs the program, and begins anew: a connection is whose certificate it was opened with.
  private func renew(by program: CredentialProgram) throws(Failure) {
    told = try program.credential()
    let fresh = try unsafe Self.begin(curl)
    unsafe curl.end(handle)
    unsafe handle = fresh
    try prepare()
  }

  deinit { unsafe curl.end(handle) }

  private func set(_ content: Kubeconfig.Content?, file: CURLoption, bytes: CURLoption) throws(Failure) {
    switch content {
    case nil: break
    case .file(let path):
      guard fileStatus(path) != nil else { throw .cannotRun("\(path): cannot read: there is no such file") }
      unsafe curl.set(file, path, on: handle)
    case .bytes(let content):
      guard unsafe curl.set(bytes, content, on: handle) else {
        throw .cannotRun(
          "this libcurl takes certificates from files alone: name files in the kubeconfig, or install 7.77")
      }
    }
  }

  /// All of them: Services, EndpointSlices, Nodes, and what kube-proxy is told.
  func objects() throws(Failure) -> KubernetesObjects {
    var objects = try known(list("/api/v1/services", of: "ServiceList"), "/api/v1/services")
    var slices = try list("/apis/discovery.k8s.io/v1/endpointslices", of: "EndpointSliceList")
    // Before Kubernetes 1.21 there were none.
    if slices == nil { slices = try list("/api/v1/endpoints", of: "EndpointsList") }
    objects.add(try known(slices, "/api/v1/endpoints"))
    objects.add(try known(list("/api/v1/nodes", of: "NodeList"), "/api/v1/nodes"))
    // kubeadm's name for it; not every cluster has kube-proxy.
    if case .given(let proxy) = try answer("/api/v1/namespaces/kube-system/configmaps/kube-proxy", of: "ConfigMap") {
      objects.add(proxy.objects)
    }
    return objects
  }

  /// Without these the checks would have nothing to fail by.
  private func known(_ objects: KubernetesObjects?, _ path: String) throws(Failure) -> KubernetesObjects {
    guard let objects else {
      throw .cannotRun("\(access.cluster.server)\(path): HTTP 404: is this a cluster's API server?")
    }
    return objects
  }

  private enum Answer {
    case given(KubernetesAnswer)
    /// 404: the server has nothing of that name.
    case unknown
    /// 410: the list has changed too much since its first page.
    case gone
  }

  /// A list, which begins anew if a page of it is gone; `nil` where the server does not know it.
  private func list(_ path: String, of kind: String) throws(Failure) -> KubernetesObjects? {
    for _ in 0..<2 {
      switch try pages(of: path, kind) {
      case .given(let list): return list.objects
      case .unknown: return nil
      case .gone: continue
      }
    }
    throw .cannotRun("\(access.cluster.server)\(path): the list changed while it was read, twice: try again")
  }

  private func pages(of path: String, _ kind: String) throws(Failure) -> Answer {
    var whole = KubernetesAnswer()
    for _ in 0..<Self.pageLimit {
      let query = whole.next.map { "&continue=\(Self.escaped($0))" } ?? ""
      guard case .given(let page) = try answer("\(path)?limit=500\(query)", of: kind) else {
        return whole.next == nil ? .unknown : .gone
      }
      whole.objects.add(page.objects)
      if page.next == nil { return .given(whole) }
      guard page.next != whole.next else {
        throw .cannotRun("\(access.cluster.server)\(path): expected another page, found one that names itself the next")
      }
      whole.next = page.next
    }
    throw .cannotRun("\(access.cluster.server)\(path): expected at most \(Self.pageLimit) pages, found more")
  }

  private func answer(_ path: String, of kind: String) throws(Failure) -> Answer {
    let name = access.cluster.server + path
    var (status, body) = try ask(path)
    for _ in 1..<Self.tries where [429, 500, 502, 503, 504].contains(status) {
      Threads.sleep(for: Self.pause)
      (status, body) = try ask(path)
    }
    let text = String(decoding: body, as: UTF8.self)
    switch status {
    case 200:
      do throws(TableError) {
        let answer = try KubernetesAnswer(text: text)
        guard answer.kind == kind else {
          let found = answer.message.map { "a refusal: \($0)" } ?? answer.kind
          throw TableError(line: 0, expected: "a \(kind)", found: found)
        }
        return .given(answer)
      } catch {
        throw Failure(error, in: name)
      }
    case 404: return .unknown
    case 410: return .gone
    default:
      let said = (try? KubernetesAnswer(text: text))?.message.map { ": \($0)" } ?? ""
      throw .cannotRun("\(name): HTTP \(status)\(said)\(Self.advice(status))")
    }
  }

  private static func advice(_ status: Int) -> String {
    switch status {
    case 401: "; the server does not know these credentials: has the token expired?"
    case 403: "; deploy/rbac has the rights that it needs"
    default: ""
    }
  }

  private func ask(_ path: String) throws(Failure) -> (status: Int, body: [UInt8]) {
    guard let program else { return try askOnce(path) }
    if told.map({ $0.expiry.map { $0 <= timeOfDay.seconds } ?? false }) ?? true { try renew(by: program) }
    let answer = try askOnce(path)
    guard answer.status == 401 else { return answer }
    try renew(by: program)
    return try askOnce(path)
  }

  private func askOnce(_ path: String) throws(Failure) -> (status: Int, body: [UInt8]) {
    let cluster = access.cluster
    var url = cluster.server + path
    var connection = ""
    if let name = cluster.serverName, let target = ProbeURL(cluster.server), cluster.server.hasPrefix("https://") {
      // To the server, and by the name that its certificate has; behind the host its own path stays.
      connection = "::\(target.host):\(target.port)"
      let own = cluster.server.dropFirst("https://".count).drop { $0 != "/" }
      url = "https://\(name):\(target.port)\(own)\(path)"
    }
    unsafe curl.set(CURLOPT_URL, url, on: handle)
    // A pod's token is written anew before it expires, so it is read for each question.
    if let token = try token() { unsafe curl.setBearer(token, on: handle) }
    let (code, body) = unsafe curl.with(CURLOPT_CONNECT_TO, connection, on: handle) {
      unsafe curl.with(CURLOPT_HTTPHEADER, "Accept: application/json", on: handle) {
        unsafe curl.answer(of: handle, atMost: Self.byteLimit)
      }
    }
    guard code != CURLE_WRITE_ERROR else {
      throw .cannotRun("\(cluster.server)\(path): expected at most \(Self.byteLimit >> 20) MiB, found more")
    }
    guard code == CURLE_OK else { throw .cannotRun("\(cluster.server)\(path): \(curl.message(code))") }
    return unsafe (curl.number(CURLINFO_RESPONSE_CODE, of: handle), body)
  }

  private func token() throws(Failure) -> String? {
    if let token = told?.token { return token }
    switch access.user.token {
    case nil: return nil
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .file(let path):
      let text = try inputText(at: path, kind: "token", atMost: 1 << 20)
      let token = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      guard !token.isEmpty, !token.contains(where: \.isWhitespace) else {
        throw .cannotRun("\(path): expected a token, found \(token.isEmpty ? "nothing" : "several words")")
      }
      return token
    }
  }

  /// As the value of a field in a URL: RFC 3986 section 2.3.
  private static func escaped(_ text: String) -> String {
    text.utf8.reduce(into: "") { escaped, byte in
      let scalar = Unicode.Scalar(byte)
      if byte < 128,
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-._~".unicodeScalars.contains(scalar)
      {
        escaped.unicodeScalars.append(scalar)
      } else {
        let hex = String(byte, radix: 16, uppercase: true)
        escaped += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
  }
}
