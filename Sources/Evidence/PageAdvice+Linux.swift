#if os(Linux)
  #if canImport(Glibc)
    import Glibc
  #else
    import Musl
  #endif

  /// Asks for the pages of memory that is about to be filled, all at once: taking each at its first use costs the kernel
  /// several times as much. Advice, which kernels before Linux 5.14 do not take.
  func advisePagesNeeded(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    let pageMask = UInt(4096 - 1)
    let start = (UInt(bitPattern: memory) + pageMask) & ~pageMask
    let end = (UInt(bitPattern: memory) + UInt(byteCount)) & ~pageMask
    // MADV_POPULATE_WRITE of linux/mman.h, which older C libraries do not name.
    if start < end { _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), 23) }
  }
#else
  func advisePagesNeeded(_ memory: UnsafeMutableRawPointer, byteCount: Int) {}
#endif
