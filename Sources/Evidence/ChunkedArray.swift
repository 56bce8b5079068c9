/// Elements by number, in chunks that never move: growing neither copies them nor holds them twice. Each chunk is filled by
/// itself, from its start on. What is not used of it is never touched, and takes no memory.
///
/// Unsafe inside, because an array of arrays checks at each access who else holds them, a tenth of the time that a frame
/// takes. Every index is checked.
@safe
struct ChunkedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  @unsafe
  private struct Chunk {
    var start: UnsafeMutablePointer<Element>
    var filled = 0
  }

  /// Frees the chunks when nobody holds them any more.
  @safe
  private final class Owner {
    var starts: [UnsafeMutablePointer<Element>] = unsafe []
    deinit {
      for index in unsafe starts.indices { unsafe UnsafeMutableRawPointer(starts[index]).deallocate() }
    }
  }

  static var chunkShift: Int { 16 }
  static var chunkLength: Int { 1 << chunkShift }
  /// How many elements pages are asked for at a time.
  private static var stepLength: Int { 4096 }

  private var chunks: [Chunk] = unsafe []
  private var owner = Owner()

  init() {}

  var chunkCount: Int { unsafe chunks.count }

  /// How many elements of a chunk are in use.
  func filled(ofChunk chunk: Int) -> Int { unsafe chunks[chunk].filled }

  /// In whole cache lines, so that an element of 64 bytes takes just one; and where there are many, in large pages, whose
  /// addresses a processor keeps at hand however many elements there are.
  private static func allocateChunk(_ number: Int) -> UnsafeMutablePointer<Element> {
    let byteCount = chunkLength * MemoryLayout<Element>.stride
    let isLarge = number > 2 && byteCount >= largePageSize
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? largePageSize : 64)
    if isLarge { unsafe adviseLargePages(memory, byteCount: byteCount) }
    return unsafe memory.bindMemory(to: Element.self, capacity: chunkLength)
  }

  @inline(__always)
  private func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
    let chunk = unsafe chunks[index >> Self.chunkShift]
    let place = index & (Self.chunkLength &- 1)
    unsafe precondition(place < chunk.filled)
    return unsafe chunk.start + place
  }

  subscript(index: Int) -> Element {
    @inline(__always) _read { yield unsafe pointer(to: index).pointee }
    @inline(__always) _modify { yield unsafe &pointer(to: index).pointee }
  }

  /// To be called before `self` is changed in any way: copies what somebody else holds too.
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&owner) { return }
    owner = Owner()
    for number in unsafe chunks.indices {
      let copy = unsafe Self.allocateChunk(number)
      unsafe copy.initialize(from: chunks[number].start, count: chunks[number].filled)
      unsafe owner.starts.append(copy)
      unsafe chunks[number].start = copy
    }
  }

  /// Adds an empty chunk, and returns its number.
  mutating func addChunk() -> Int {
    let start = unsafe Self.allocateChunk(chunkCount)
    unsafe owner.starts.append(start)
    unsafe chunks.append(Chunk(start: start))
    return unsafe chunks.count - 1
  }

  /// Fills the next place of a chunk, and returns its index; `nil` where the chunk is full.
  mutating func append(_ element: Element, toChunk chunk: Int) -> Int? {
    let filled = unsafe chunks[chunk].filled
    guard filled < Self.chunkLength else { return nil }
    let place = unsafe chunks[chunk].start + filled
    // Not for the few elements of a small capture.
    if filled & (Self.stepLength - 1) == 0, filled > 0 || chunk > 2 {
      unsafe advisePagesNeeded(place, byteCount: Self.stepLength * MemoryLayout<Element>.stride)
    }
    unsafe place.initialize(to: element)
    unsafe chunks[chunk].filled = filled + 1
    return chunk << Self.chunkShift | filled
  }

  /// Keeps the first `count` elements of a chunk.
  mutating func shorten(chunk: Int, to count: Int) {
    unsafe precondition(count <= chunks[chunk].filled)
    unsafe chunks[chunk].filled = count
    unsafe returnPages(
      chunks[chunk].start + count, byteCount: (Self.chunkLength - count) * MemoryLayout<Element>.stride)
  }
}
