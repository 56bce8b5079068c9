import NIOCore

/// Closes a connection that sends more than a request may have, before there is one. The decoder bounds header fields, and not
/// the line before them.
final class RequestBound: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private var left: Int
  private let limit: Int

  init(_ limit: Int) { (left, self.limit) = (limit, limit) }

  /// A request has come.
  func begin() { left = limit }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    left -= unwrapInboundIn(data).readableBytes
    guard left >= 0 else { return context.close(promise: nil) }
    context.fireChannelRead(data)
  }
}
