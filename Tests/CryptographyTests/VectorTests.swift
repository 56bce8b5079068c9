import Cryptography
import Foundation
import TestSupport
import Testing

/// What is published, and what OpenSSL makes of octets that nobody chose.
@Suite struct VectorTests {
  private func octets(_ hex: some StringProtocol) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private func hex(_ octets: [UInt8]) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func encrypted(_ octets: [UInt8], _ cipher: AES) -> [UInt8] {
    let block = cipher.encrypted(InlineArray { octets[$0] })
    return block.indices.map { block[$0] }
  }

  /// The examples of NIST's "Cryptographic Standards and Guidelines", and of FIPS 180-2, appendix A and B.
  @Test func hashesAreThoseOfTheStandard() {
    let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(hex(SHA1.hash([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(hex(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex(SHA1.hash(Array(long.utf8))) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(
      hex(SHA256.hash(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hex(SHA256.hash(Array(long.utf8))) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(hex(SHA1.hash(million)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    #expect(hex(SHA256.hash(million)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// RFC 4231 sections 4.2, 4.3 and 4.7.
  @Test func codesAreThoseOfTheRFC() {
    let cases: [(key: [UInt8], text: String, code: String)] = [
      (
        [UInt8](repeating: 0x0b, count: 20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]
    for (key, text, code) in cases {
      #expect(hex(SHA256.authenticationCode(of: Array(text.utf8), key: key)) == code)
    }
  }

  /// FIPS 197, appendix C.1 and C.3; SP 800-38A, appendix F.1.1 and F.1.5.
  @Test func blocksAreThoseOfTheStandard() throws {
    let cases = [
      (
        "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"
      ),
      (
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff",
        "8ea2b7ca516745bfeafc49904b496089"
      ),
      ("2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a", "3ad77bb40d7a3660a89ecaf32466ef97"),
      (
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "6bc1bee22e409f96e93d7e117393172a",
        "f3eed1bdb5d2a03c064b5a7e3db181f8"
      ),
    ]
    for (key, block, cipher) in cases {
      let aes = try #require(AES(key: octets(key)))
      #expect(hex(encrypted(octets(block), aes)) == cipher)
    }
    for length in [0, 15, 24, 33] { #expect(AES(key: [UInt8](repeating: 0, count: length)) == nil) }
  }

  /// `make-vectors` has the same generator.
  private func octets(seed: UInt64, count: Int) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
  }

  @Test func allIsAsOpenSSLHasIt() throws {
    let path = Repository.root.appending(path: "Tests/CryptographyTests/vectors.txt")
    var ciphers: UInt64 = 0
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 303)
    for line in lines {
      let words = line.split(separator: " ")
      let length = try #require(Int(words[1]))
      if words[0] == "hash" {
        let all = octets(seed: UInt64(length), count: length + length / 3)
        let (text, key) = (Array(all.prefix(length)), Array(all.dropFirst(length)))
        #expect(hex(SHA1.hash(text)) == words[2])
        #expect(hex(SHA256.hash(text)) == words[3])
        #expect(hex(SHA256.authenticationCode(of: text, key: key)) == words[4])
        // In pieces, wherever they are cut.
        var (first, second) = (SHA1(), SHA256())
        for piece in [text[..<(length / 3)], text[(length / 3)..<(length / 2)], text[(length / 2)...]] {
          first.update(piece.span)
          second.update(piece.span)
        }
        #expect(hex(first.digest()) == words[2] && hex(second.digest()) == words[3])
      } else {
        let all = octets(seed: 1_000_000 + ciphers, count: 256 + length)
        ciphers += 1
        let aes = try #require(AES(key: Array(all.dropFirst(256))))
        let blocks = stride(from: 0, to: 256, by: 16).flatMap { encrypted(Array(all[$0..<$0 + 16]), aes) }
        #expect(hex(blocks) == words[2])
      }
    }
    #expect(ciphers == 40)
  }
}
