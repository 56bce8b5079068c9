/// Goes through the options at the end of a pcapng block (draft-ietf-opsawg-pcapng, clause 3.5). Options that
/// contradict the block's length end it: they are an addition, and no reason to lose the frames.
struct PcapngOptions {
  private var position: Int
  private let end: Int
  private let order: ByteOrder

  init(_ range: Range<Int>, _ order: ByteOrder) {
    position = range.lowerBound
    end = range.upperBound
    self.order = order
  }

  /// The next option's code, and where its value stands in `bytes`.
  mutating func next(in bytes: Span<UInt8>) -> (code: UInt16, value: Range<Int>)? {
    guard end - position >= 4 else { return nil }
    let code = bytes.uint16(at: position, order)
    let length = Int(bytes.uint16(at: position + 2, order))
    let start = position + 4
    // opt_endofopt
    guard code != 0 && length <= end - start else { return nil }
    position = start + (length + 3) & ~3
    return (code, start..<start + length)
  }
}
