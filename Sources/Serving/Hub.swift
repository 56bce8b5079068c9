import NIOCore

/// What all connections share. It is touched by the server's thread alone.
final class Hub {
  let gate: Gate
  let limits: ServingLimits
  var listener: (any Channel)?
  private var pages: any Pages
  private var made: [Key: Made] = [:]
  private var connections: [ObjectIdentifier: any Channel] = [:]
  /// Of these, those from other hosts.
  private var foreign: Set<ObjectIdentifier> = []
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

  /// Whether there is room for one more. Other hosts leave some to this one, whose probes ask whether the run is well.
  func admit(_ channel: any Channel) -> Bool {
    let id = ObjectIdentifier(channel)
    // From a host to itself both ends have one address.
    let isOwn = channel.remoteAddress?.ipAddress == channel.localAddress?.ipAddress
    let isFull = !isOwn && foreign.count >= limits.connections - limits.reserved
    guard connections.count < limits.connections, !isFull else { return false }
    connections[id] = channel
    if !isOwn { foreign.insert(id) }
    return true
  }

  func leave(_ channel: any Channel) {
    connections[ObjectIdentifier(channel)] = nil
    foreign.remove(ObjectIdentifier(channel))
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
