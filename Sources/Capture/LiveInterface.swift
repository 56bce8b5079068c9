import CPcap
import Synchronization
public import Wire

/// An interface that is captured live, through libpcap. It never waits: `read` takes what there is. One thread may read while
/// another asks for what was counted, or sends.
@safe public final class LiveInterface: Sendable {
  public let name: String
  public let linkType: LinkType
  /// Readable when there are frames: for poll(2).
  public let descriptor: Int32
  public let snapLength: Int
  /// The expression that frames have to match; `nil` where every one is captured.
  public let filter: String?

  private let handle: Mutex<Handle>

  /// libpcap's, of which one call at a time may be made.
  @safe private struct Handle: ~Copyable {
    let library: pcap_library
    let pointer: OpaquePointer

    init(_ pointer: sending OpaquePointer, of library: pcap_library) {
      unsafe (self.library, self.pointer) = (library, pointer)
    }

    deinit { unsafe library.close(pointer) }
  }

  /// How to capture.
  public struct Options: Sendable {
    /// Bytes of each frame that are kept.
    public var snapLength = 256
    /// The kernel's buffer, in bytes.
    public var bufferSize = 8 << 20
    public var isPromiscuous = true
    public var direction = Direction.inout

    public init() {}
  }

  /// Which frames are captured, as this host sees them.
  public enum Direction: String, Sendable, CaseIterable {
    case `in`, out, `inout`
  }

  /// What the kernel counted since the capture began.
  public struct Statistics: Sendable, Equatable {
    /// Frames that the filter let pass.
    public var received: UInt64 = 0
    /// Frames for which the buffer had no room.
    public var droppedByKernel: UInt64 = 0
    /// Frames that the interface itself lost, where its driver tells.
    public var droppedByInterface: UInt64 = 0

    public init() {}
  }

  /// The kernel hands over what it has at least this often, in milliseconds.
  private static let handOver: Int32 = 100

  /// Opens the interface and starts to capture what the filter for its link type matches, an expression as in tcpdump.
  /// `any` stands for all interfaces of the system.
  public init(name: String, filter: (LinkType) -> String?, options: Options) throws(LiveCaptureError) {
    let library: pcap_library
    do throws(PcapLibrary.Missing) {
      library = try PcapLibrary.functions
    } catch {
      throw LiveCaptureError(interface: name, fault: .libraryMissing)
    }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = unsafe library.create(name, &message) else {
      throw LiveCaptureError(interface: name, fault: .cannotOpen(text(message)))
    }
    var isOpen = false
    defer { if !isOpen { unsafe library.close(handle) } }
    _ = unsafe library.set_snaplen(handle, Int32(clamping: options.snapLength))
    _ = unsafe library.set_buffer_size(handle, Int32(clamping: options.bufferSize))
    _ = unsafe library.set_promisc(handle, options.isPromiscuous ? 1 : 0)
    _ = unsafe library.set_timeout(handle, Self.handOver)
    _ = unsafe library.set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = unsafe library.activate(handle)
    guard status >= 0 else { throw unsafe Self.error(status, name, handle, library) }
    // Of all interfaces only this form tells which one a frame came from.
    if name == "any" { _ = unsafe library.set_datalink(handle, DLT_LINUX_SLL2) }
    let number = unsafe library.datalink(handle)
    guard let linkType = LinkType.allCases.first(where: { $0.dataLinkType == number && !$0.isText }) else {
      throw LiveCaptureError(interface: name, fault: .unknownLinkType(number))
    }
    if options.direction != .inout {
      guard unsafe library.setdirection(handle, options.direction == .in ? PCAP_D_IN : PCAP_D_OUT) == 0 else {
        throw LiveCaptureError(interface: name, fault: .cannotOpen(unsafe library.message(handle)))
      }
    }
    let filter = filter(linkType)
    if let filter { unsafe try Self.set(filter, on: handle, of: name, linkType, library) }
    guard unsafe library.setnonblock(handle, 1, &message) == 0 else {
      throw LiveCaptureError(interface: name, fault: .cannotOpen(text(message)))
    }
    isOpen = true
    self.name = name
    self.linkType = linkType
    self.filter = filter
    descriptor = unsafe library.get_selectable_fd(handle)
    snapLength = Int(unsafe library.snapshot(handle))
    // Nobody else keeps it.
    nonisolated(unsafe) let own = unsafe handle
    self.handle = unsafe Mutex(Handle(own, of: library))
  }

  private static func set(
    _ filter: String, on handle: OpaquePointer, of name: String, _ linkType: LinkType, _ library: pcap_library
  ) throws(LiveCaptureError) {
    var program = unsafe bpf_program()
    guard unsafe library.compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      let reason = unsafe library.message(handle)
      throw LiveCaptureError(
        interface: name, fault: .filterDoesNotCompile(expression: filter, linkType: linkType, reason: reason))
    }
    defer { unsafe library.freecode(&program) }
    guard unsafe library.setfilter(handle, &program) == 0 else {
      throw LiveCaptureError(interface: name, fault: .cannotOpen(unsafe library.message(handle)))
    }
  }

  private static func error(
    _ status: Int32, _ name: String, _ handle: OpaquePointer, _ library: pcap_library
  ) -> LiveCaptureError {
    let detail = unsafe library.message(handle)
    let fault: LiveCaptureError.Fault =
      switch status {
      case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: .notPermitted
      case PCAP_ERROR_NO_SUCH_DEVICE: .noSuchInterface
      case PCAP_ERROR_IFACE_NOT_UP: .isDown
      default:
        .cannotOpen(detail.isEmpty ? library.message(status) : detail)
      }
    return LiveCaptureError(interface: name, fault: fault)
  }

  /// Adds frames to `batch`, as many as there are and as it has room for, and no more than bring `number`, which counts
  /// them, to `limit`. Returns false where there are no more for now.
  public func read(
    into batch: inout FrameBatch, filled: inout Int, interface: Int, number: inout UInt64, limit: UInt64
  ) throws(LiveCaptureError) -> Bool {
    try handle.withLock { handle throws(LiveCaptureError) in
      try unsafe read(
        handle.pointer, of: handle.library, into: &batch, filled: &filled, interface: interface, number: &number,
        limit: limit)
    }
  }

  private func read(
    _ handle: OpaquePointer, of library: pcap_library, into batch: inout FrameBatch, filled: inout Int, interface: Int,
    number: inout UInt64,
    limit: UInt64
  ) throws(LiveCaptureError) -> Bool {
    var header = unsafe UnsafeMutablePointer<pcap_pkthdr>?.none
    var data = unsafe UnsafePointer<UInt8>?.none
    while batch.bytes.count - filled >= snapLength, number < limit {
      switch unsafe library.next_ex(handle, &header, &data) {
      case 1:
        guard let header = unsafe header?.pointee, let data = unsafe data else { return false }
        let captured = min(Int(header.caplen), snapLength)
        let bytes = unsafe UnsafeBufferPointer(start: data, count: captured)
        unsafe batch.bytes.withUnsafeMutableBufferPointer { room in
          _ = unsafe UnsafeMutableBufferPointer(rebasing: room[filled..<filled + captured]).initialize(from: bytes)
        }
        number &+= 1
        batch.frames.append(
          Frame(
            offset: filled, capturedLength: captured, wireLength: max(Int(header.len), captured),
            time: Timestamp(
              seconds: UInt32(clamping: header.ts.tv_sec), nanoseconds: UInt32(clamping: header.ts.tv_usec)),
            interface: interface, number: number))
        filled += captured
      case 0: return false
      default: throw LiveCaptureError(interface: name, fault: .lost(unsafe library.message(handle)))
      }
    }
    return true
  }

  /// What was counted so far; `nil` where the system does not tell.
  public var statistics: Statistics? {
    var counted = pcap_stat()
    let status = handle.withLock { unsafe $0.library.stats($0.pointer, &counted) }
    guard status == 0 else { return nil }
    var statistics = Statistics()
    statistics.received = UInt64(counted.ps_recv)
    statistics.droppedByKernel = UInt64(counted.ps_drop)
    statistics.droppedByInterface = UInt64(counted.ps_ifdrop)
    return statistics
  }

  /// Sends a frame, link header and all.
  public func send(_ frame: [UInt8]) throws(LiveCaptureError) {
    try handle.withLock { handle throws(LiveCaptureError) in
      let sent = unsafe frame.withUnsafeBytes { unsafe handle.library.inject(handle.pointer, $0.baseAddress, $0.count) }
      guard sent == frame.count else {
        throw LiveCaptureError(interface: name, fault: .cannotSend(unsafe handle.library.message(handle.pointer)))
      }
    }
  }
}

/// What libpcap wrote into a buffer for its messages.
func text(_ message: [CChar]) -> String {
  String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
