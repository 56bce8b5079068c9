import Platform

/// Who is let in, and what they may ask for.
public struct Gate: Sendable {
  /// By name, in small letters and without a port, this host may be called; `nil` lets every name pass.
  private let hosts: Set<String>?
  private let token: [UInt8]?

  /// On a loopback address a page of somewhere else must not be able to read what is here by giving its own name this
  /// address (DNS rebinding): so the names that a browser may call it by are counted. Elsewhere the token alone counts, which
  /// no such page has.
  public init(address: String, isLoopback: Bool, token: String?) {
    hosts = isLoopback ? ["localhost", "127.0.0.1", "[::1]", address.lowercased()] : nil
    self.token = token.map { Array($0.utf8) }
  }

  /// What a request is refused for.
  package enum Refusal: Equatable {
    case noToken
    case noHost
    case wrongHost
    case method
    case body
  }

  /// `nil` lets it pass. Who has no token is told nothing else.
  package func refusal(of request: Request) -> Refusal? {
    if let token {
      guard let given = Self.token(in: request.authorization), Self.isSame(given, token) else { return .noToken }
    }
    if let hosts {
      guard request.hosts.count == 1, let host = request.hosts.first else { return .noHost }
      guard hosts.contains(Self.name(ofHost: host)) else { return .wrongHost }
    }
    guard ["GET", "HEAD"].contains(request.method) else { return .method }
    return request.hasBody ? .body : nil
  }

  /// The parts of a request that decide it.
  package struct Request {
    package var method: String
    /// The fields of that name.
    package var hosts: [String]
    package var authorization: [String]
    package var hasBody: Bool

    package init(method: String = "GET", hosts: [String] = [], authorization: [String] = [], hasBody: Bool = false) {
      (self.method, self.hosts, self.authorization, self.hasBody) = (method, hosts, authorization, hasBody)
    }
  }

  /// The name in `name:port`, in small letters: the port may be another, behind `ssh -L`.
  private static func name(ofHost host: String) -> String {
    let host = host.lowercased()
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      let rest = host[host.index(after: end)...]
      return rest.isEmpty || isPort(rest) ? String(host[...end]) : host
    }
    guard let colon = host.firstIndex(of: ":"), isPort(host[colon...]) else { return host }
    return String(host[..<colon])
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && text.dropFirst().utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }

  /// As RFC 6750 has it, or as the password of RFC 7617 with any name, for that is what browsers ask for.
  private static func token(in fields: [String]) -> [UInt8]? {
    guard fields.count == 1, let space = fields[0].firstIndex(of: " ") else { return nil }
    let given = fields[0][fields[0].index(after: space)...].drop { $0 == " " }
    switch fields[0][..<space].lowercased() {
    case "bearer": return Array(given.utf8)
    case "basic":
      guard let bytes = [UInt8](base64: given), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      return Array(bytes[(colon + 1)...])
    default: return nil
    }
  }

  /// In a time that tells nothing of where they differ.
  private static func isSame(_ given: [UInt8], _ token: [UInt8]) -> Bool {
    var difference = UInt8(given.count == token.count ? 0 : 1)
    for (index, byte) in given.enumerated() { difference |= byte ^ token[index % token.count] }
    return difference == 0
  }
}
