import Platform
import Wire

/// Reads the frames of a capture file: pcap or pcapng, plain or compressed with gzip or zstd, told by its content and
/// never by its name. A pipe that is still being written gives its frames as they come.
public struct CaptureReader: ~Copyable {
  public let path: String
  /// Where the record begins in which the capture breaks off, in bytes after decompression. Known once `read` has
  /// returned false.
  public private(set) var truncatedAt: UInt64?

  private let file: FileSource
  private let source: any ByteSource
  private var format: any CaptureFormat
  /// Where it is text that tcpdump printed.
  private var text: TextTrace?
  private let filter: CaptureFilter?
  /// The bytes of an incomplete record, with which the next batch begins.
  private var pending: [UInt8]
  /// How many bytes that record needs, as far as it is known.
  private var needed = 0
  /// Where `pending` begins in the capture.
  private var offset: UInt64
  private var state = State.reading
  /// The first bytes of a text.
  private var start: [UInt8] = []

  private enum State {
    case reading
    /// The frames before the fault were delivered first.
    case failed(CaptureError.Fault)
    case ended
  }

  /// Enough that a system call costs nothing beside its copying, and few enough that the bytes stay in the cache until
  /// they are dissected.
  package static let blockSize = 1024 << 10
  /// A test takes less, so that small captures have several batches.
  package var blockSize = Self.blockSize

  /// The interfaces described so far: all of a pcap file from the beginning; those of a pcapng file as they come.
  /// It is text, in which packets are looked for.
  public var isText: Bool { text != nil }

  public var interfaces: [CaptureInterface] { format.interfaces }
  /// Frames passed over so far because the link type of their interface is not read.
  public var foreignFrames: UInt64 { format.foreignFrames }
  /// Lines of a text that say nothing that can be read.
  public var skippedLines: UInt64 { text?.skippedLines ?? 0 }
  /// How far the file itself was read, in bytes, for showing progress against `size`.
  public var bytesRead: UInt64 { file.bytesRead }
  /// The size of the file itself in bytes; nil for a pipe.
  public var size: UInt64? { file.size }

  /// Opens the capture at `path`, where "-" is standard input, and waits for the start of it. `filter` is an
  /// expression as in tcpdump, and hides the frames that it does not match.
  public init(path: String, filter: String? = nil) throws(CaptureError) {
    let file: FileSource
    do throws(CaptureError.Fault) {
      file = try FileSource(path: path)
    } catch {
      throw CaptureError(path: path, fault: error)
    }
    try self.init(file, prefix: [], path: path, filter: filter)
  }

  /// Reads the capture that is open at `descriptor`, a file, from its beginning; it stays open. `path` is what errors call it.
  public init(path: String, descriptor: CInt, filter: String? = nil) throws(CaptureError) {
    let file: FileSource
    do throws(CaptureError.Fault) {
      guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .cannotOpen(errno: errno) }
      file = try FileSource(descriptor: descriptor, isOwner: false)
    } catch {
      throw CaptureError(path: path, fault: error)
    }
    try self.init(file, prefix: [], path: path, filter: filter)
  }

  /// Goes on where `prefix`, read from `file` before, ended.
  init(_ file: FileSource, prefix: [UInt8], path: String, filter: String?) throws(CaptureError) {
    let start: Start
    let filter = filter.map(CaptureFilter.init)
    do throws(CaptureError.Fault) {
      start = try Self.open(file, prefix: prefix)
      if let filter, start.format is TextTrace {
        throw .filterDoesNotCompile(
          expression: filter.expression, linkType: .text,
          reason: "text has no bytes to hold it to; give the filter to tcpdump when it prints")
      }
      try filter?.compile(for: start.format.interfaces)
    } catch {
      throw CaptureError(path: path, fault: error)
    }
    self.path = path
    self.filter = filter
    self.file = file
    source = start.source
    format = start.format
    text = start.format as? TextTrace
    offset = start.offset
    pending = start.pending
  }

  /// Whether a file's first bytes are those of a capture, or of something compressed that may be one.
  public static func recognizes(_ prefix: [UInt8]) -> Bool {
    PcapngFile.recognizes(prefix) || PcapFile.recognizes(prefix) || GzipSource.recognizes(prefix)
      || ZstdSource.recognizes(prefix)
  }

  /// Whether a file that begins with `start` is text in which tcpdump printed packets.
  public static func recognizesText(_ start: [UInt8]) -> Bool { TextTrace.holdsPacket(start) }

  private struct Start {
    var source: any ByteSource
    var format: any CaptureFormat
    var offset: UInt64
    var pending: [UInt8]
  }

  private static func open(_ file: FileSource, prefix: [UInt8]) throws(CaptureError.Fault) -> Start {
    let (source, prefix) = try decompressed(file, prefix: prefix)
    if PcapngFile.recognizes(prefix) {
      return Start(source: source, format: PcapngFile(), offset: 0, pending: prefix)
    }
    if let packing = Packing(beginning: prefix) { throw .packed(packing) }
    guard PcapFile.recognizes(prefix) else {
      if TextTrace.recognizes(prefix) {
        return Start(source: source, format: TextTrace(), offset: 0, pending: prefix)
      }
      if !prefix.isEmpty { throw .notACapture(found: prefix) }
      throw source.isCutShort ? .headerCutShort(expected: PcapFile.headerLength, found: 0) : .empty
    }
    var header = prefix
    try source.lengthen(&header, to: PcapFile.headerLength)
    guard header.count == PcapFile.headerLength else {
      throw .headerCutShort(expected: PcapFile.headerLength, found: header.count)
    }
    let format = try PcapFile(header: header.span)
    return Start(source: source, format: format, offset: UInt64(header.count), pending: [])
  }

  /// The content of the file, and its first four bytes.
  private static func decompressed(
    _ file: FileSource, prefix: [UInt8]
  ) throws(CaptureError.Fault) -> (source: any ByteSource, prefix: [UInt8]) {
    var prefix = prefix
    if prefix.count < 4 { try file.lengthen(&prefix, to: 4) }
    let source: any ByteSource
    if GzipSource.recognizes(prefix) {
      source = try GzipSource(file, prefix: prefix)
    } else if ZstdSource.recognizes(prefix) {
      source = try ZstdSource(file, prefix: prefix)
    } else {
      return (file, prefix)
    }
    prefix.removeAll()
    try source.lengthen(&prefix, to: 4)
    return (source, prefix)
  }

  /// Fills `batch` with the next frames, and returns false where there are no more. The batch may be empty, where there
  /// was no frame in what has come so far, or a filter hides all of them. Frames before a fault are delivered before it
  /// is thrown. `batch.bytes` is what was read: what lies between the frames and behind them has no meaning.
  public mutating func read(into batch: inout FrameBatch) throws(CaptureError) -> Bool {
    batch.frames.removeLast(batch.frames.count)
    do throws(CaptureError.Fault) {
      switch state {
      case .reading: return try readRecords(into: &batch)
      case .failed(let fault): throw fault
      case .ended: return false
      }
    } catch {
      state = .failed(error)
      throw CaptureError(path: path, fault: error)
    }
  }

  /// Reads until there is at least one whole record.
  private mutating func readRecords(into batch: inout FrameBatch) throws(CaptureError.Fault) -> Bool {
    if text != nil { return try readText(into: &batch) }
    var filled = pending.count
    grow(&batch.bytes, to: max(room(beside: filled), needed))
    for index in pending.indices { batch.bytes[index] = pending[index] }
    while true {
      let count = try source.fill(&batch.bytes, from: filled)
      if count == 0 {
        try end(after: filled)
        return false
      }
      filled += count
      let parsed = try parse(filled, of: &batch)
      guard let parsed else { return true }
      needed = parsed.needed
      if parsed.length > 0 {
        pending.removeAll(keepingCapacity: true)
        pending.append(contentsOf: batch.bytes[parsed.length..<filled])
        offset += UInt64(parsed.length)
        return true
      }
      grow(&batch.bytes, to: needed)
    }
  }

  /// How much of a text is read in which no packet is found.
  private static let textLimit: UInt64 = 1 << 20

  /// Reads lines of text, of which packets are made.
  private mutating func readText(into batch: inout FrameBatch) throws(CaptureError.Fault) -> Bool {
    batch.bytes.removeAll(keepingCapacity: true)
    let begin = pending.count
    pending += [UInt8](repeating: 0, count: Self.textBlock)
    let count = try source.fill(&pending, from: begin)
    pending.removeLast(Self.textBlock - count)
    if offset == 0, start.isEmpty { start = Array(pending.prefix(4)) }
    let isEnd = count == 0
    let hasLine = pending.lastIndex(of: 0x0a)
    // A line that never ends is one all the same.
    let end = isEnd || pending.count > Self.textLimit ? pending.count : hasLine.map { $0 + 1 } ?? 0
    try text?.take(pending[..<end], into: &batch)
    offset += UInt64(end)
    pending.removeFirst(end)
    if isEnd {
      try text?.end(into: &batch)
      if source.isCutShort { truncatedAt = offset }
      state = .ended
    }
    if let text {
      format = text
      if text.frames == text.unreadPackets, isEnd || offset > Self.textLimit {
        throw text.nearest.map { .textWithoutPackets($0) } ?? .notACapture(found: start)
      }
    }
    return !isEnd || !batch.frames.isEmpty
  }

  /// So little that frames of it, which are longer than their text at times, stay few.
  private static let textBlock = 256 << 10

  /// Finds the frames in the first `count` bytes. Returns nil where it found frames and behind them a fault, which the
  /// next call of `read` throws.
  private mutating func parse(_ count: Int, of batch: inout FrameBatch) throws(CaptureError.Fault) -> ParsedRecords? {
    // Lent out, because the span borrows the batch.
    var frames: [Frame] = []
    swap(&frames, &batch.frames)
    let parsed: ParsedRecords?
    do throws(CaptureError.Fault) {
      defer { swap(&frames, &batch.frames) }
      parsed = try format.parse(batch.bytes.span.extracting(0..<count), at: offset, into: &frames)
    } catch {
      if batch.frames.isEmpty { throw error }
      state = .failed(error)
      parsed = nil
    }
    if let filter {
      try filter.compile(for: format.interfaces)
      filter.hideOthers(in: &batch)
    }
    return parsed
  }

  private mutating func end(after count: Int) throws(CaptureError.Fault) {
    // Only of pcapng is the header a record like the others.
    if offset == 0 { throw .headerCutShort(expected: max(needed, PcapngFile.headerLength), found: count) }
    state = .ended
    if count > 0 || source.isCutShort { truncatedAt = offset }
    try format.finish()
  }

  /// For how many bytes there is to be room: a small file needs no large block. It may have grown since it was opened, so
  /// there is room for some in any case.
  private func room(beside filled: Int) -> Int {
    guard let left = source.bytesLeft else { return blockSize }
    return min(blockSize, max(64 << 10, filled + Int(clamping: left) + 1))
  }

  private func grow(_ bytes: inout [UInt8], to count: Int) {
    if bytes.count < count { bytes.append(contentsOf: repeatElement(0, count: count - bytes.count)) }
  }
}
