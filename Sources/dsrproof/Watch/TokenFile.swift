import Platform

/// Reads the token of `--token-file`: one word, with which whoever asks shows that they may.
func readToken(_ path: String) throws(Failure) -> String {
  let bytes: [UInt8]
  do throws(SystemError) {
    bytes = try OpenFile(reading: path).readAll(limit: 4096)
  } catch {
    throw .cannotRun("--token-file \(path): \(error)")
  }
  let word = bytes.reversed().drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.reversed()
  guard word.count <= 1024, word.allSatisfy({ 0x21...0x7e ~= $0 }) else {
    throw .cannotRun("--token-file \(path): expected one word of at most 1024 letters, digits and signs of ASCII")
  }
  guard word.count >= 16 else {
    throw .cannotRun("--token-file \(path): expected 16 signs at least, as openssl rand -hex 32 writes them")
  }
  return String(decoding: word, as: UTF8.self)
}
