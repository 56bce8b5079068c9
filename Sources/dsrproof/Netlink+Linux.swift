#if os(Linux)
  import Platform

  /// One question to the kernel and its answer: netlink(7).
  enum Netlink {
    struct Message: Equatable {
      var type: UInt16
      /// What stands behind the header.
      var body: [UInt8]
    }

    enum Answer: Equatable {
      case message(Message)
      /// The error that the kernel gives.
      case refused(Int32)
      case none
    }

    private static let headerLength = 16

    static func answer(to question: Message) -> Answer {
      // NETLINK_ROUTE is 0.
      let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)
      guard descriptor >= 0 else { return .none }
      defer { close(descriptor) }
      let bytes = question.bytes
      guard unsafe send(descriptor, bytes, bytes.count, 0) == bytes.count else { return .none }
      // The kernel answers at once; should it not, nobody waits for it.
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&waiting, 1, 1000) > 0 else { return .none }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
      return count > 0 ? Answer(Array(buffer.prefix(count))) : .none
    }

    /// An attribute of a message, padded.
    static func attribute(_ kind: UInt16, _ value: [UInt8]) -> [UInt8] {
      bytes(UInt16(4 + value.count)) + bytes(kind) + value
        + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }

    /// In the host's own order.
    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
    }

    static func number(_ bytes: [UInt8]) -> UInt32? {
      guard bytes.count == 4 else { return nil }
      return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
    }
  }

  extension Netlink.Message {
    fileprivate var bytes: [UInt8] {
      let request: UInt16 = 1
      return Netlink.bytes(UInt32(16 + body.count)) + Netlink.bytes(type) + Netlink.bytes(request)
        + Netlink.bytes(UInt32(1)) + Netlink.bytes(UInt32(0)) + body
    }

    /// By their kind, behind the fixed part of the body; those that contradict its length end it.
    func attributes(after length: Int) -> [UInt16: [UInt8]] {
      var found: [UInt16: [UInt8]] = [:]
      var rest = body.dropFirst(length)
      while rest.count >= 4 {
        let size = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
        let kind = UInt16(rest[rest.startIndex + 2]) | UInt16(rest[rest.startIndex + 3]) << 8
        guard size >= 4, size <= rest.count else { break }
        found[kind & 0x3fff] = Array(rest.dropFirst(4).prefix(size - 4))
        rest = rest.dropFirst((size + 3) & ~3)
      }
      return found
    }
  }

  extension Netlink.Answer {
    /// Reads the first message of a datagram.
    init(_ bytes: [UInt8]) {
      guard bytes.count >= 16, let length = Netlink.number(Array(bytes[0..<4])).map(Int.init), length >= 16,
        length <= bytes.count
      else {
        self = .none
        return
      }
      let type = UInt16(bytes[4]) | UInt16(bytes[5]) << 8
      let body = Array(bytes[16..<length])
      if type == 2, body.count >= 4 {
        self = .refused(-Int32(bitPattern: Netlink.number(Array(body[0..<4])) ?? 0))
      } else {
        self = .message(Netlink.Message(type: type, body: body))
      }
    }
  }
#endif
