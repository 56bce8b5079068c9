/// Elements by index, in chunks that never move: growing neither copies them nor holds them twice. What is not used of
/// the last chunk is never touched, and takes no memory.
///
/// Unsafe inside, because an array of arrays checks at each access who else holds them, a tenth of the time that a frame
/// takes. Every index is checked.
@safe
struct ChunkedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// Frees the chunks when nobody holds them any more.
  @safe
  private final class Owner {
    var chunks: [UnsafeMutablePointer<Element>]
    init(_ chunks: [UnsafeMutablePointer<Element>]) { unsafe self.chunks = chunks }
    deinit {
      for index in unsafe chunks.indices { unsafe UnsafeMutableRawPointer(chunks[index]).deallocate() }
    }
  }

  private static var chunkShift: Int { 16 }
  private static var chunkLength: Int { 1 << chunkShift }
  /// How many elements pages are asked for at a time.
  private static var stepLength: Int { 4096 }

  private var chunks: [UnsafeMutablePointer<Element>] = unsafe []
  private var owner = unsafe Owner([])
  private(set) var count = 0

  init() {}

  /// In whole cache lines, so that an element of 64 bytes takes just one.
  private static func allocateChunk() -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: chunkLength * MemoryLayout<Element>.stride, alignment: 64)
    return unsafe memory.bindMemory(to: Element.self, capacity: chunkLength)
  }

  @inline(__always)
  private func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
    precondition(index >= 0 && index < count)
    return unsafe chunks[index >> Self.chunkShift] + index & (Self.chunkLength &- 1)
  }

  subscript(index: Int) -> Element {
    @inline(__always) _read { yield unsafe pointer(to: index).pointee }
    @inline(__always) _modify { yield unsafe &pointer(to: index).pointee }
  }

  /// To be called before `self` is changed in any way: copies what somebody else holds too.
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&owner) { return }
    let copies = unsafe Owner([])
    for number in unsafe chunks.indices {
      let copy = unsafe Self.allocateChunk()
      unsafe copy.initialize(from: chunks[number], count: min(Self.chunkLength, count - number << Self.chunkShift))
      unsafe copies.chunks.append(copy)
    }
    owner = copies
    unsafe chunks = copies.chunks
  }

  mutating func append(_ element: Element) {
    if count & (Self.chunkLength - 1) == 0 {
      unsafe owner.chunks.append(Self.allocateChunk())
      unsafe chunks = owner.chunks
    }
    count += 1
    let place = unsafe pointer(to: count - 1)
    // Not for the few elements of a small capture.
    if count > Self.stepLength, count & (Self.stepLength - 1) == 1 {
      unsafe advisePagesNeeded(place, byteCount: Self.stepLength * MemoryLayout<Element>.stride)
    }
    unsafe place.initialize(to: element)
  }
}
