import Capture
import Foundation
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// Frames are taken off the ring whatever the run does meanwhile.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LiveReadingTests {
  /// A port that the system gave, which nobody else sends to.
  private final class Receiver {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    let port: UInt16
    private var address = sockaddr_in()

    init() throws {
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let (own, copy) = (descriptor, address)
      var bound = copy
      let status = unsafe withUnsafeMutablePointer(to: &bound) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          unsafe bind(own, pointer, length) == 0 ? unsafe getsockname(own, pointer, &length) : -1
        }
      }
      try #require(status == 0)
      address = bound
      port = UInt16(bigEndian: bound.sin_port)
    }

    deinit { close(descriptor) }

    func send(_ count: Int, of size: Int) throws {
      let payload = [UInt8](repeating: 7, count: size)
      var to = address
      let own = descriptor
      for _ in 0..<count {
        let sent = unsafe withUnsafePointer(to: &to) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            unsafe sendto(own, payload, size, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
        try #require(sent == size)
      }
    }
  }

  @Test func aRunThatIsBusyGetsMoreThanTheKernelHolds() throws {
    let receiver = try Receiver()
    var options = LiveInterface.Options()
    options.bufferSize = 1 << 20
    let interface = try LiveInterface(
      name: "lo", filter: { _ in "udp dst port \(receiver.port)" }, options: options)
    let reading = LiveReading([interface], frameLimit: .max)
    reading.start()
    // Eight times what the kernel's buffer holds, while nobody takes any.
    let (portions, each) = (32, 1000)
    for _ in 0..<portions {
      try receiver.send(each, of: 200)
      Thread.sleep(forTimeInterval: 0.02)
    }
    Thread.sleep(forTimeInterval: 0.5)
    reading.end()
    var frames: [UInt64] = []
    while !reading.hasEnded {
      guard let batch = reading.next() else { continue }
      frames += batch.frames.map(\.number)
      reading.giveBack(batch)
    }
    #expect(frames == (1...UInt64(frames.count)).map { $0 })
    // The thread may be kept from its work where other tests run; what it misses then the kernel tells.
    #expect(frames.count > portions * each / 2)
    let dropped = try #require(interface.statistics?.droppedByKernel)
    #expect(UInt64(frames.count) + dropped == UInt64(portions * each))
    #expect(reading.lost == nil)
  }

  @Test func aLimitIsKept() throws {
    let receiver = try Receiver()
    let interface = try LiveInterface(
      name: "lo", filter: { _ in "udp dst port \(receiver.port)" }, options: LiveInterface.Options())
    let reading = LiveReading([interface], frameLimit: 5)
    reading.start()
    try receiver.send(20, of: 20)
    var count = 0
    while !reading.hasEnded {
      guard let batch = reading.next() else { continue }
      count += batch.frames.count
      reading.giveBack(batch)
    }
    #expect(count == 5)
  }

  /// More than all batches hold: the thread waits, and goes on.
  @Test func whatHasNoRoomWaitsForIt() throws {
    let receiver = try Receiver()
    let interface = try LiveInterface(
      name: "lo", filter: { _ in "udp dst port \(receiver.port)" }, options: LiveInterface.Options())
    let reading = LiveReading([interface], frameLimit: .max, batches: 2, batchSize: 1 << 12)
    reading.start()
    try receiver.send(1000, of: 200)
    Thread.sleep(forTimeInterval: 0.3)
    #expect(reading.isBehind)
    reading.end()
    var count = 0
    while !reading.hasEnded {
      guard let batch = reading.next() else { continue }
      count += batch.frames.count
      reading.giveBack(batch)
    }
    #expect(count == 1000)
    #expect(!reading.isBehind)
  }
}
