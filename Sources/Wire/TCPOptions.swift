/// The options of a TCP header: RFC 9293 section 3.2, RFC 7323, RFC 2018.
public struct TCPOptions: Sendable, Hashable {
  /// RFC 7323 section 3.
  public struct Timestamps: Sendable, Hashable {
    public var value: UInt32
    public var echo: UInt32

    public init(value: UInt32, echo: UInt32) {
      self.value = value
      self.echo = echo
    }
  }

  /// The maximum segment size.
  public var mss: UInt16?
  public var windowScale: UInt8?
  /// Whether selective acknowledgments are permitted.
  public var sackPermitted = false
  public var timestamps: Timestamps?

  /// Reads the options in `range` of `frame`, up to the first that contradicts its length.
  public init(_ frame: Span<UInt8>, in range: Range<Int>) {
    let end = min(range.upperBound, frame.count)
    var offset = range.lowerBound
    while offset >= 0, offset < end {
      let kind = frame.byte(at: offset)
      if kind == 0 { return }
      if kind == 1 {
        offset += 1
        continue
      }
      guard end - offset >= 2 else { return }
      let length = Int(frame.byte(at: offset + 1))
      guard length >= 2, length <= end - offset else { return }
      switch (kind, length) {
      case (2, 4): mss = frame.be16(at: offset + 2)
      case (3, 3): windowScale = frame.byte(at: offset + 2)
      case (4, 2): sackPermitted = true
      case (8, 10): timestamps = Timestamps(value: frame.be32(at: offset + 2), echo: frame.be32(at: offset + 6))
      default: break
      }
      offset += length
    }
  }
}
