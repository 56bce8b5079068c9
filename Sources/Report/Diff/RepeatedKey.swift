#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A key that an object of a JSON text has twice: readers differ in which of the values they take (RFC 8259 section 4).
struct RepeatedKey: Equatable {
  var key: String
  /// Counted from 1.
  var line: Int

  /// The first in a text that a decoder has found to be JSON; `nil` where every key stands once.
  init?(in json: [UInt8]) {
    // The keys of each object that is open; `nil` for an array.
    var open: [Set<String>?] = []
    var (line, index) = (1, 0)
    while index < json.count {
      switch json[index] {
      case UInt8(ascii: "\n"): line += 1
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let end = Self.endOfText(json, from: index)
        if let last = open.indices.last, open[last] != nil, Self.isKey(json, before: end) {
          let key = Self.text(json[index..<end])
          if open[last]?.insert(key).inserted == false {
            (self.key, self.line) = (key, line)
            return
          }
        }
        index = end - 1
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Behind the sign that ends the text which begins at `start`.
  private static func endOfText(_ json: [UInt8], from start: Int) -> Int {
    var index = start + 1
    while index < json.count, json[index] != UInt8(ascii: "\"") {
      index += json[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, json.count)
  }

  private static func isKey(_ json: [UInt8], before end: Int) -> Bool {
    json[end...].first {
      ![UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains($0)
    }
      == UInt8(ascii: ":")
  }

  /// Keys that are escaped in different ways are one.
  private static func text(_ quoted: ArraySlice<UInt8>) -> String {
    guard quoted.contains(UInt8(ascii: "\\")), let text = try? JSONDecoder().decode(String.self, from: Data(quoted))
    else { return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self) }
    return text
  }
}
