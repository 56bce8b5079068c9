/// What tests and fuzzing change of a file whose checksum then fits again.
extension KeptCapture {
  /// The messages of its blocks, one a block.
  package var messages: [[UInt8]] {
    get throws(EvidenceFileError.Fault) {
      var messages: [[UInt8]] = []
      var rest = content[...]
      while !rest.isEmpty {
        let (message, length) = try ZstdFrame.decompress(rest, at: 0)
        messages.append(message)
        rest = rest.dropFirst(length)
      }
      return messages
    }
  }

  /// The same with other messages, and a checksum of these.
  package func replacing(messages: [[UInt8]]) throws(EvidenceFileError.Fault) -> KeptCapture {
    var content: [UInt8] = []
    for message in messages { content += try ZstdFrame.compress(message) }
    let header = EvidenceHeader(of: content, blocks: UInt64(messages.count), records: header.records)
    return try KeptCapture(header, content, at: UInt64(EvidenceHeader.length))
  }
}
