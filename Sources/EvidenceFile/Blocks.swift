import EvidenceSchema
import SwiftProtobuf

typealias Block = Dsrproof_Evidence_V1_Block
typealias Message = Dsrproof_Evidence_V1_EvidenceFile

/// Reads the blocks of a capture's content.
struct BlockReader {
  private let content: [UInt8]
  private let start: UInt64
  private(set) var position = 0
  /// Where the block that was read last begins in the file.
  private(set) var offset: UInt64
  private(set) var count: UInt64 = 0

  init(_ content: [UInt8], at offset: UInt64) {
    (self.content, start, self.offset) = (content, offset, offset)
  }

  mutating func next() throws(EvidenceFileError.Fault) -> Block.OneOf_Content? {
    guard position < content.count else { return nil }
    offset = start + UInt64(position)
    let (bytes, length) = try ZstdFrame.decompress(content[position...], at: offset)
    position += length
    count += 1
    let message: Message
    do {
      message = try Message(serializedBytes: bytes)
    } catch {
      throw .undecodable(offset: offset, reason: "\(error)")
    }
    guard message.blocks.count == 1, let block = message.blocks[0].content else {
      throw .undecodable(offset: offset, reason: "\(message.blocks.count) blocks, or one without content")
    }
    return block
  }
}

/// Writes them.
struct BlockWriter {
  private(set) var content: [UInt8] = []
  private(set) var blocks: UInt64 = 0
  private(set) var records: UInt64 = 0

  mutating func add(_ block: Block.OneOf_Content, records count: Int = 0) throws(EvidenceFileError.Fault) {
    var (message, only) = (Message(), Block())
    only.content = block
    message.blocks = [only]
    let bytes: [UInt8]
    do {
      bytes = try message.serializedBytes()
    } catch {
      throw .compression(reason: "\(error)")
    }
    content += try ZstdFrame.compress(bytes)
    blocks += 1
    records += UInt64(count)
  }
}
