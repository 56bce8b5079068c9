import NIOCore
import NIOHTTP1

/// One connection: its requests, one after the other.
final class Conversation: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let hub: Hub
  private var request: HTTPRequestHead?
  private var deadline: Scheduled<Void>?
  /// Nothing that comes is heeded: the connection ends with the answer that goes on.
  private var isLastAnswer = false

  private let bound: RequestBound

  private init(_ hub: Hub, _ bound: RequestBound) { (self.hub, self.bound) = (hub, bound) }

  static func begin(on channel: any Channel, _ hub: Hub, _ limits: ServingLimits) throws {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headerBytes
    decoding.maxHeaderListSize = limits.headerBytes
    decoding.maxHeaderFieldCount = limits.headerFields
    let pipeline = channel.pipeline.syncOperations
    let bound = RequestBound(limits.requestBytes)
    try pipeline.addHandler(bound)
    try pipeline.configureHTTPServerPipeline(
      withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
    try pipeline.addHandler(Conversation(hub, bound))
  }

  /// A piece of an answer that goes on, for whoever writes to its channel.
  static func part(_ bytes: ByteBuffer) -> HTTPServerResponsePart { .body(.byteBuffer(bytes)) }

  func channelActive(context: ChannelHandlerContext) {
    guard hub.admit(context.channel) else { return context.close(promise: nil) }
    wait(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    hub.leave(context.channel)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Ends the connection where what is waited for does not come in time: the rest of a request, or the end of an answer.
  private func wait(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: .seconds(Int64(hub.limits.patience))) { channel.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isLastAnswer else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      bound.begin()
      if let refusal = hub.gate.refusal(of: .init(head)) { return answer(context, head, refusal) }
      request = head
    // Gate lets no body pass.
    case .body: break
    case .end:
      guard let head = request else { return }
      request = nil
      answer(context, head)
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    let path = String(head.uri.prefix { $0 != "?" })
    if path == "/events" { return follow(context, head) }
    let openMetrics = prefersOpenMetrics(accept: head.headers["Accept"])
    guard let made = hub.page(at: path, openMetrics: openMetrics) else {
      return answer(context, head, .line("not found", status: 404))
    }
    answer(context, head, made)
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ refusal: Gate.Refusal) {
    switch refusal {
    case .noToken:
      let ask: HTTPHeaders = ["WWW-Authenticate": "Bearer, Basic realm=\"dsrproof\", charset=\"UTF-8\""]
      answer(context, head, .line("a token is needed", status: 401), besides: ask)
    case .noHost: answer(context, head, .line("Host is missing, or given twice", status: 400), isLast: true)
    case .wrongHost: answer(context, head, .line("this host has no such name", status: 421), isLast: true)
    case .method:
      answer(
        context, head, .line("nothing is changed here", status: 405), besides: ["Allow": "GET, HEAD"], isLast: true)
    case .body: answer(context, head, .line("no body is read", status: 413), isLast: true)
    }
  }

  private func answer(
    _ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ page: Page, besides: HTTPHeaders = [:],
    isLast: Bool = false
  ) {
    answer(context, head, Hub.Made(page: page, bytes: ByteBuffer(string: page.body)), besides: besides, isLast: isLast)
  }

  private func answer(
    _ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ made: Hub.Made, besides: HTTPHeaders = [:],
    isLast: Bool = false
  ) {
    let isLast = isLast || !head.isKeepAlive
    var headers = Self.headers(contentType: made.page.contentType, policy: made.page.policy)
    headers.add(contentsOf: besides)
    headers.add(name: "Content-Length", value: "\(made.bytes.readableBytes)")
    if isLast { headers.add(name: "Connection", value: "close") }
    let response = HTTPResponseHead(
      version: head.version, status: .init(statusCode: made.page.status), headers: headers)
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    if head.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(made.bytes))), promise: nil) }
    wait(context)
    if isLast {
      isLastAnswer = true
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    } else {
      let waiting = context.loopBound
      context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess { self.wait(waiting.value) }
    }
  }

  /// Tells what happens from now on, until one of both goes.
  private func follow(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    guard head.method == .GET else {
      return answer(context, head, Page(contentType: "text/event-stream", body: "", lasts: false), isLast: true)
    }
    guard hub.follow(context.channel) else {
      return answer(
        context, head, .line("\(hub.limits.followers) follow already", status: 503), besides: ["Retry-After": "10"])
    }
    isLastAnswer = true
    deadline?.cancel()
    let headers = Self.headers(contentType: "text/event-stream", policy: "default-src 'none'")
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .ok, headers: headers))), promise: nil)
    // How long to wait before the next try, in milliseconds.
    context.writeAndFlush(wrapOutboundOut(Self.part(ByteBuffer(string: "retry: 2000\n\n"))), promise: nil)
  }

  private static func headers(contentType: String, policy: String) -> HTTPHeaders {
    [
      "Content-Type": contentType, "Cache-Control": "no-store", "Content-Security-Policy": policy,
      "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    ]
  }
}

extension Gate.Request {
  init(_ head: HTTPRequestHead) {
    self.init(
      method: head.method.rawValue, hosts: head.headers["Host"], authorization: head.headers["Authorization"],
      hasBody: head.headers.contains(name: "Transfer-Encoding")
        || head.headers["Content-Length"].contains { $0 != "0" })
  }
}
