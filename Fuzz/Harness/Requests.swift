import Serving

/// A request to the page, a field a line: its method, then `Host:`, `Authorization:` and `Accept:` as often as they come.
func readRequest(_ input: ArraySlice<UInt8>) {
  let lines = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
    String.init)
  let fields = { (name: String) in lines.filter { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) } }
  let request = Gate.Request(
    method: lines[0], hosts: fields("Host: "), authorization: fields("Authorization: "), hasBody: lines.contains("body")
  )
  let token = "0123456789abcdef"
  if Gate(address: "192.0.2.1", isLoopback: false, token: token).refusal(of: request) == nil {
    let given = request.authorization.first ?? ""
    mustHold(given.lowercased().hasPrefix("basic ") || given.hasSuffix(" \(token)"), "\(given) is not the token")
    mustHold(["GET", "HEAD"].contains(request.method), "\(request.method) passed")
  }
  if Gate(address: "127.0.0.1", isLoopback: true, token: nil).refusal(of: request) == nil {
    let host = request.hosts.first?.lowercased() ?? ""
    let rest =
      ["localhost", "127.0.0.1", "[::1]"].first(where: host.hasPrefix).map { host.dropFirst($0.count) } ?? "none"
    mustHold(rest.isEmpty || rest.first == ":" && rest.dropFirst().allSatisfy(\.isNumber), "\(host) passed")
  }
  let accept = fields("Accept: ")
  if prefersOpenMetrics(accept: accept) {
    mustHold(accept.contains { $0.lowercased().contains("openmetrics") }, "\(accept) asks for no OpenMetrics")
  }
}
