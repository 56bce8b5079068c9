import NIOCore
import NIOPosix
import Platform
import Synchronization

/// Serves pages from a thread of its own, over HTTP/1.1. Whoever publishes them waits for nobody.
public final class PageServer: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let hub: NIOLoopBound<Hub>
  private let mail = Mutex(Mail())
  private let isStopped = Atomic(false)

  /// What waits for the server's thread: the last pages, and the events since it took some.
  private struct Mail {
    var pages: (any Pages)?
    var events: [Event] = []
    /// So many events at most: those who follow ask for the page anyway.
    static let mostEvents = 256
  }

  /// `socket` is bound, and becomes the server's.
  public init(socket: Int32, gate: Gate, pages: any Pages, limits: ServingLimits = ServingLimits()) throws {
    let loop = group.next()
    let hub = try loop.submit { NIOLoopBound(Hub(gate, limits, pages), eventLoop: loop) }.wait()
    self.hub = hub
    let listener = try ServerBootstrap(group: group)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: limits.waitingBytes / 2, high: limits.waitingBytes))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try Conversation.begin(on: channel, hub.value, limits) }
      }
      .withBoundSocket(socket).wait()
    try loop.submit {
      hub.value.listener = listener
      loop.scheduleRepeatedTask(
        initialDelay: .seconds(Int64(limits.heartbeat)), delay: .seconds(Int64(limits.heartbeat))
      ) { _ in hub.value.tell(": still here\n\n") }
    }.wait()
  }

  /// Serves these pages from now on, and tells those who follow.
  public func publish(_ pages: any Pages, _ events: [Event]) {
    let isFirst = mail.withLock { mail in
      defer { mail.pages = pages }
      if mail.events.count + events.count <= Mail.mostEvents { mail.events += events }
      return mail.pages == nil
    }
    // Whatever comes until then goes with it.
    if isFirst { group.next().execute { self.deliver() } }
  }

  private func deliver() {
    let taken = mail.withLock { mail in
      defer { mail = Mail() }
      return mail
    }
    if let pages = taken.pages { hub.value.use(pages) }
    let text = taken.events.map(\.text).joined()
    if !text.isEmpty { hub.value.tell(text) }
  }

  /// Ends every connection.
  public func stop() {
    guard !isStopped.exchange(true, ordering: .relaxed) else { return }
    let hub = hub
    try? group.next().submit { hub.value.close() }.wait()
    try? group.syncShutdownGracefully()
  }
}
