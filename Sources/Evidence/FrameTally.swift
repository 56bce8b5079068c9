import Wire

/// What is counted of every frame.
struct FrameTally {
  private(set) var frames: UInt64 = 0
  /// On the wire.
  private(set) var bytes: UInt64 = 0
  /// Frames of which the capture kept only the beginning.
  private(set) var cutFrames: UInt64 = 0
  private(set) var firstTime = Timestamp.latest
  private(set) var lastTime = Timestamp.earliest

  @inline(__always)
  mutating func count(_ frame: Frame, isWhole: Bool = false) {
    frames &+= 1
    bytes &+= UInt64(truncatingIfNeeded: max(0, frame.wireLength))
    if !isWhole, frame.capturedLength < frame.wireLength { cutFrames &+= 1 }
    if frame.time < firstTime { firstTime = frame.time }
    if lastTime < frame.time { lastTime = frame.time }
  }

  /// Counts the frames from `position` on, and notes what they say, as long as they are plain segments of one interface,
  /// and there is room for notes.
  ///
  /// Most frames of most captures go this way and no other: a loop of its own keeps what it needs in registers.
  @inline(never)
  mutating func takePlainSegments(
    _ frames: Span<Frame>, _ position: inout Int, in bytes: Span<UInt8>, point: UInt32,
    of flows: borrowing FlowTable<FlowKeyV4>, _ notes: inout MutableSpan<FlowTable<FlowKeyV4>.Note>,
    _ noteCount: inout Int
  ) {
    var tally = self
    var (next, count) = (position, noteCount)
    guard next < frames.count else { return }
    let interface = frames[next].interface
    while next < frames.count, count < notes.count {
      let frame = frames[next]
      guard frame.interface == interface, frame.isInside(bytes),
        let segment = PlainSegment(
          bytes.extracting(frame.offset..<frame.offset &+ frame.capturedLength), wireLength: frame.wireLength)
      else { break }
      tally.count(frame)
      let (key, end) = FlowKeyV4.ordered(
        .tcp, segment.sourceAddress, segment.sourcePort, segment.destinationAddress, segment.destinationPort)
      flows.note(.plainSegment(frame: Int32(truncatingIfNeeded: next), point: point), key, from: end, in: &notes[count])
      next &+= 1
      count &+= 1
    }
    self = tally
    (position, noteCount) = (next, count)
  }
}

extension Frame {
  @inline(__always)
  func isInside(_ bytes: Span<UInt8>) -> Bool {
    offset >= 0 && capturedLength >= 0 && offset &+ capturedLength <= bytes.count
  }
}
