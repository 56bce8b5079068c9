/// That of x86-64, and of ARM with pages of 4 KiB.
let largePageSize = 2 << 20

/// As many equal elements, in large pages where they are many.
func manyElements<Element: BitwiseCopyable>(_ element: Element, count: Int) -> [Element] {
  unsafe Array(unsafeUninitializedCapacity: count) { room, filled in
    let byteCount = count * MemoryLayout<Element>.stride
    if byteCount >= largePageSize, let start = room.baseAddress {
      unsafe adviseLargePages(UnsafeMutableRawPointer(start), byteCount: byteCount)
    }
    unsafe room.initialize(repeating: element)
    filled = count
  }
}

#if os(Linux)
  #if canImport(Glibc)
    import Glibc
  #else
    import Musl
  #endif

  /// Asks for the pages of memory that is about to be filled, all at once: taking each at its first use costs the kernel
  /// several times as much. Advice, which kernels before Linux 5.14 do not take.
  func advisePagesNeeded(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    // MADV_POPULATE_WRITE of linux/mman.h, which older C libraries do not name.
    unsafe advise(memory, byteCount, 23)
  }

  /// Asks for large pages in memory that is about to be filled.
  func adviseLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe advise(memory, byteCount, MADV_HUGEPAGE)
  }

  /// Gives back the pages of memory whose content is needed no more. It may be filled again.
  func returnPages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe advise(memory, byteCount, MADV_DONTNEED)
  }

  /// Of the pages that lie in the memory as a whole.
  private func advise(_ memory: UnsafeMutableRawPointer, _ byteCount: Int, _ advice: Int32) {
    let pageMask = UInt(4096 - 1)
    let start = (UInt(bitPattern: memory) + pageMask) & ~pageMask
    let end = (UInt(bitPattern: memory) + UInt(byteCount)) & ~pageMask
    if start < end { _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), advice) }
  }
#else
  func advisePagesNeeded(_ memory: UnsafeMutableRawPointer, byteCount: Int) {}
  func adviseLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {}
  func returnPages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {}
#endif
