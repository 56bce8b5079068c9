/// What a request is answered with.
public struct Page: Sendable {
  public var status: Int
  public var contentType: String
  public var body: String
  /// What a browser may run and fetch for it: its `Content-Security-Policy`.
  public var policy: String
  /// It says the same until other pages are published.
  public var lasts: Bool

  public init(
    status: Int = 200, contentType: String, body: String, policy: String = "default-src 'none'", lasts: Bool = true
  ) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
    (self.policy, self.lasts) = (policy, lasts)
  }

  /// One line of plain text.
  public static func line(_ text: String, status: Int) -> Page {
    Page(status: status, contentType: "text/plain; charset=utf-8", body: text + "\n", lasts: false)
  }
}

/// All that is served from one judgement to the next.
public protocol Pages: Sendable {
  /// The page at a path; `nil` where there is none. `openMetrics`: whoever asks would rather have that form.
  func page(at path: String, openMetrics: Bool) -> Page?
}

/// Something that those who follow are told.
public struct Event: Sendable {
  public var name: String
  /// One line, or several.
  public var data: String

  public init(_ name: String, data: String) { (self.name, self.data) = (name, data) }

  /// As it is sent: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
  var text: String {
    let lines = data.split(omittingEmptySubsequences: false) { $0.isNewline }
    return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
  }
}
