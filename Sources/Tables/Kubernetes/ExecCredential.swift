/// What a program that a kubeconfig names for its credentials prints.
///
/// Source: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/, and v1beta1, which is the same.
public struct ExecCredential: Sendable, Equatable {
  public enum Version: String, Sendable {
    case v1 = "client.authentication.k8s.io/v1"
    case v1beta1 = "client.authentication.k8s.io/v1beta1"
  }

  public var token: String?
  /// In PEM, as the key: one is never there without the other.
  public var certificate: [UInt8]?
  public var key: [UInt8]?
  /// In seconds since 1970; `nil` where it is good to the end.
  public var expiry: Int?

  /// Reads an answer. What is wrong with it never shows what it says, for that is secret.
  ///
  /// - Throws: `TableError` without a line.
  public init(answer: String, version: Version) throws(TableError) {
    let wanted = "an ExecCredential of \(version.rawValue)"
    guard let document = try? DocumentNode.all(ofAnswer: answer).first, document.isMapping else {
      throw TableError(line: 0, expected: wanted, found: answer.isEmpty ? "nothing" : "another text")
    }
    guard document["kind"]?.text == "ExecCredential", let given = document["apiVersion"]?.text else {
      throw TableError(line: 0, expected: wanted, found: "another object")
    }
    guard given == version.rawValue else {
      throw TableError(line: 0, expected: wanted, found: Version(rawValue: given) == nil ? "another version" : given)
    }
    guard let status = document["status"], status.isMapping else {
      throw TableError(line: 0, expected: "a status in the ExecCredential", found: "none")
    }
    token = try status.secret("token")
    certificate = try status.secret("clientCertificateData").map { Array($0.utf8) }
    key = try status.secret("clientKeyData").map { Array($0.utf8) }
    guard (certificate == nil) == (key == nil) else {
      throw TableError(
        line: 0, expected: "clientCertificateData and clientKeyData", found: "one of them, without the other")
    }
    guard token != nil || key != nil else {
      throw TableError(line: 0, expected: "a token, or a certificate and its key", found: "neither")
    }
    // What goes into a field of a request is one word.
    if let token, !token.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) {
      throw TableError(line: 0, expected: "a token of one word", found: "one with other characters")
    }
    if let text = status["expirationTimestamp"]?.text {
      guard let expiry = secondsSince1970(text) else {
        throw TableError(
          line: 0, expected: "an expirationTimestamp as 2026-11-30T12:00:00Z", found: String(text.prefix(80)))
      }
      self.expiry = expiry
    }
  }
}

extension DocumentNode {
  /// A text; an empty one is none.
  fileprivate func secret(_ name: String) throws(TableError) -> String? {
    guard let node = self[name] else { return nil }
    guard let text = node.text else {
      throw TableError(line: 0, expected: "a text as \(name)", found: "something else")
    }
    return text.isEmpty ? nil : text
  }
}

/// Reads a time as `2026-11-30T12:00:00.5+01:00` (RFC 3339 section 5.6), to the second.
private func secondsSince1970(_ text: String) -> Int? {
  let bytes = Array(text.utf8)
  let digits = { (range: Range<Int>) -> Int? in
    bytes[range].reduce(0) { sum, byte in
      sum.flatMap { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? $0 * 10 + Int(byte) - 48 : nil }
    }
  }
  let isSign = { (index: Int, signs: String) in signs.utf8.contains(bytes[index]) }
  guard bytes.count >= 20, isSign(4, "-"), isSign(7, "-"), isSign(10, "Tt "), isSign(13, ":"), isSign(16, ":"),
    let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10), let hour = digits(11..<13),
    let minute = digits(14..<16), let second = digits(17..<19),
    1970... ~= year, 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second <= 60
  else { return nil }
  var zone = 19
  if isSign(zone, ".") {
    zone += 1
    let first = zone
    while zone < bytes.count, digits(zone..<zone + 1) != nil { zone += 1 }
    guard zone > first, zone < bytes.count else { return nil }
  }
  var offset = 0
  if isSign(zone, "Zz") {
    guard zone == bytes.count - 1 else { return nil }
  } else {
    guard isSign(zone, "+-"), bytes.count == zone + 6, isSign(zone + 3, ":"), let hours = digits(zone + 1..<zone + 3),
      let minutes = digits(zone + 4..<zone + 6), hours < 24, minutes < 60
    else { return nil }
    offset = (hours * 60 + minutes) * (isSign(zone, "+") ? 60 : -60)
  }
  // Years begin in March, so that the leap day is the last of one.
  let marchYear = month > 2 ? year : year - 1
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let days = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
  return days * 86_400 + hour * 3600 + minute * 60 + second - offset
}
