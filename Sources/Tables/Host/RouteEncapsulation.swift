/// `ip -j route` prints the keys of an encapsulation between those of the route, so that `dst` stands there twice: once the
/// destination, once the end of the tunnel. JSON asks for each key once (RFC 8259 section 4).
///
/// Source: iproute2 `ip/iproute_lwtunnel.c`, `print_encap_ip`, `print_encap_ip6`, `print_encap_mpls`.
enum RouteEncapsulation {
  private static let keys: Set<String> = ["id", "src", "dst", "ttl", "hoplimit", "tos", "tc"]

  /// The same text, line by line, in which the keys behind `encap` say that they are the encapsulation's.
  static func marked(in text: String) -> String {
    guard text.contains("\"encap\"") else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    // Of each object that is open: the keys that still may be the encapsulation's.
    var open: [Set<String>] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let end = endOfString(in: bytes, from: index)
        let word = String(decoding: bytes[index + 1..<max(index + 1, end - 1)], as: UTF8.self)
        if isKey(in: bytes, after: end), let last = open.indices.last {
          if word == "encap" {
            open[last] = keys
          } else if open[last].remove(word) != nil {
            result += Array("\"encap-\(word)\"".utf8)
            index = end
            continue
          }
        }
        result += bytes[index..<end]
        index = end
        continue
      }
      if byte == UInt8(ascii: "{") { open.append([]) }
      if byte == UInt8(ascii: "}") { _ = open.popLast() }
      result.append(byte)
      index += 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Behind the closing quotation mark, or the end of the text.
  private static func endOfString(in bytes: [UInt8], from start: Int) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  private static func isKey(in bytes: [UInt8], after end: Int) -> Bool {
    bytes[end...].first { ![UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n")].contains($0) }
      == UInt8(ascii: ":")
  }
}
