import Platform
import Testing

@Suite struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
    ("Zm9vYmFy", "foobar"), ("Zm9v\r\nYmFy\n", "foobar"),
  ])
  func theVectorsAreRead(text: String, expected: String) {
    #expect([UInt8](base64: text) == Array(expected.utf8))
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func theVectorsAreWritten(text: String, expected: String) {
    var written: [UInt8] = []
    written.append(base64: Array(text.utf8))
    #expect(written == Array(expected.utf8))
  }

  @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Z=g=", "Zm9v=", "Zm_v", "====", "Zm9vé"])
  func anythingElseIsNone(text: String) { #expect([UInt8](base64: text) == nil) }
}
