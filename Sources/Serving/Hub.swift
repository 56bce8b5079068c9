import NIOCore

/// What all connections share. It is touched by the server's thread alone.
final class Hub {
  let gate: Gate
  let limits: ServingLimits
  var listener: (any Channel)?
  private var pages: any Pages
  private var made: [Key: Made] = [:]
  private var connections: [ObjectIdentifier: any Channel] = [:]
  private var followers: [ObjectIdentifier: any Channel] = [:]

  private struct Key: Hashable {
    var path: String
    var openMetrics: Bool
  }

  /// A page, ready to be sent.
  struct Made {
    var page: Page
    var bytes: ByteBuffer
  }

  init(_ gate: Gate, _ limits: ServingLimits, _ pages: any Pages) {
    (self.gate, self.limits, self.pages) = (gate, limits, pages)
  }

  /// A page is made once, when somebody asks for it.
  func page(at path: String, openMetrics: Bool) -> Made? {
    let key = Key(path: path, openMetrics: openMetrics)
    if let made = made[key] { return made }
    guard let page = pages.page(at: path, openMetrics: openMetrics) else { return nil }
    let new = Made(page: page, bytes: ByteBuffer(string: page.body))
    if page.lasts { made[key] = new }
    return new
  }

  func use(_ pages: any Pages) {
    self.pages = pages
    made = [:]
  }

  /// Whether there is room for one more.
  func admit(_ channel: any Channel) -> Bool {
    guard connections.count < limits.connections else { return false }
    connections[ObjectIdentifier(channel)] = channel
    return true
  }

  func leave(_ channel: any Channel) {
    connections[ObjectIdentifier(channel)] = nil
    followers[ObjectIdentifier(channel)] = nil
  }

  /// Whether there is room for one more who follows.
  func follow(_ channel: any Channel) -> Bool {
    guard followers.count < limits.followers else { return false }
    followers[ObjectIdentifier(channel)] = channel
    return true
  }

  /// Tells those who follow. Who does not read is let go: nothing piles up for them.
  func tell(_ text: String) {
    guard !followers.isEmpty else { return }
    let bytes = ByteBuffer(string: text)
    for channel in followers.values {
      if channel.isWritable {
        channel.writeAndFlush(Conversation.part(bytes), promise: nil)
      } else {
        channel.close(promise: nil)
      }
    }
  }

  func close() {
    listener?.close(promise: nil)
    for channel in connections.values { channel.close(promise: nil) }
  }
}
