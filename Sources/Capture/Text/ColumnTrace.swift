import Wire

/// Makes frames of tshark's lines. Some are held back until others tell what all of them mean.
struct ColumnTrace {
  struct Packet {
    var bytes: [UInt8]
    var length: Int
    var time: PrintedTime?
    var kind: PrintedLink.Kind
    var isUnread: Bool
    /// Why it was not read.
    var nearest: NearestText?
  }

  private struct Held {
    var line: ColumnLine
    var number: UInt64
    var text: [UInt8]
  }

  /// Which of two columns without an arrow between is the sender's.
  private var isInOrder: Bool?
  /// Times count from the first frame, and not from the one before.
  private var doTimesGrow: Bool?
  private var latest: Int64 = 0
  private var isSettled = false
  private var held: [Held] = []
  private var packets: [Packet] = []
  private let numbers = ColumnNumbers()
  private var hasPadded = false
  /// A frame was as much too long as tags are.
  private var hasHiddenTag = false

  /// Times since the frame before go back on the way, unless there are next to none.
  private static let linesForTimes = 64
  /// Behind so many nothing will tell which column is which.
  private static let linesForOrder = 2048

  mutating func take(_ line: ColumnLine, number: UInt64, text: ArraySlice<UInt8>) throws(CaptureError.Fault) {
    if let told = line.isInOrder {
      if let isInOrder, isInOrder != told { throw .otherColumns(line: number) }
      isInOrder = told
    }
    let before = latest
    if case .counted(let nanoseconds)? = line.time { latest = nanoseconds }
    if !isSettled, latest < before { doTimesGrow = false }
    held.append(Held(line: line, number: number, text: Array(text.prefix(200))))
    let awaitsOrder = isInOrder == nil && held.contains { if case .unordered = $0.line.link { true } else { false } }
    if held.count >= (awaitsOrder ? Self.linesForOrder : isSettled ? 1 : Self.linesForTimes) { try settle() }
  }

  /// Nothing was made of what it took.
  var isOneLine: Bool { held.count == 1 && !isSettled }

  /// No line that comes will tell more.
  mutating func settle() throws(CaptureError.Fault) {
    isSettled = true
    let lines = held
    held = []
    for line in lines { try build(line) }
  }

  mutating func takePackets() -> [Packet] {
    defer { packets = [] }
    return packets
  }

  private mutating func build(_ held: Held) throws(CaptureError.Fault) {
    var line = held.line
    line.order(isInOrder)
    let reading = ColumnPacket.reading(line, numbers)
    var link: PrintedLink
    switch line.link {
    case .ordered(let source, let destination):
      link = PrintedLink(kind: .ethernet, source: source, destination: destination, etherType: 0x88b5)
    case .cooked(let source): link = PrintedLink(kind: .cooked, source: source, destination: nil, etherType: 0x88b5)
    default: link = PrintedLink(kind: .bare, source: nil, destination: nil, etherType: 0x88b5)
    }
    // Of what is not read the headers count as cut.
    link.etherType = line.ends.map { $0.source.version == .v4 ? 0x0800 : 0x86dd } ?? 0x0806
    var (layer, mark, form): (BuiltLayer?, Transcript.Mark, NearestText.Form?) = (nil, [], nil)
    var isUnread = false
    switch reading {
    case .read(let built, let etherType, let told, let isPadded):
      // Where tags are hidden, others may be behind what pads a frame.
      if isPadded, hasHiddenTag { break }
      hasPadded = hasPadded || isPadded
      (layer, mark, link.etherType) = (built, told, etherType)
    case .hidden(let extra):
      form = .tsharkHidden
      // A header that contradicts itself.
      link.etherType = 0x0800
      layer = BuiltLayer([UInt8](repeating: 0, count: 20))
      isUnread = true
      if extra == 4 || extra == 8 {
        if hasPadded { throw .hiddenTags(line: held.number) }
        hasHiddenTag = true
      }
    case .unread: form = line.hasNoLength ? .tsharkWithoutLength : .tsharkLine
    }
    isUnread = isUnread || layer == nil
    let header = link.header()
    let built = (layer ?? BuiltLayer()).behind(header)
    packets.append(
      Packet(
        bytes: built.bytes + [link.mark(mark).rawValue], length: max(line.length, header.count + (isUnread ? 20 : 0)),
        time: time(of: line), kind: link.kind, isUnread: isUnread,
        nearest: isUnread ? form.map { NearestText(form: $0, line: held.number, text: held.text[...]) } : nil))
  }

  private func time(of line: ColumnLine) -> PrintedTime? {
    switch line.time {
    case .printed(let time)?: time
    case .counted(let nanoseconds)? where doTimesGrow != false && nanoseconds >= 0:
      .epoch(
        seconds: UInt32(clamping: nanoseconds / 1_000_000_000), nanoseconds: UInt32(nanoseconds % 1_000_000_000))
    default: nil
    }
  }
}
