public import Foundation

/// Chromium without a window, driven over the pipe of its DevTools Protocol: https://chromedevtools.github.io/devtools-protocol/.
public final class Browser {
  private let process: Process
  private let folder: TemporaryFolder
  private let orders: FileHandle
  private let answers: FileHandle
  private var heard = Data()
  private var count = 0
  private var session: String?
  /// What pages wrote to their console, and what the browser said of them.
  public private(set) var complaints: [String] = []

  /// `prefix` is what it is started by, as `ip netns exec NAME`.
  public init(startedBy prefix: [String] = []) throws {
    folder = try TemporaryFolder()
    let (down, up) = (folder.path("orders"), folder.path("answers"))
    for path in [down, up] {
      guard unsafe mkfifo(path, 0o600) == 0 else { throw CommandLineTool.Failure(description: "no pipe at \(path)") }
    }
    guard let browser = CommandLineTool.candidates("chromium").first else {
      throw CommandLineTool.Failure(description: "chromium is missing: scripts/install-dependencies test")
    }
    // It reads orders from its descriptor 3, and answers at 4.
    let command = """
      exec 3<"$1" 4>"$2"; shift 2
      exec "$@" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-pipe \
        --user-data-dir="$0" about:blank 2>/dev/null
      """
    process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command, folder.path("profile"), down, up] + prefix + [browser]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    // Both ways, so that opening waits for nobody.
    orders = FileHandle(fileDescriptor: unsafe open(down, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
    answers = FileHandle(fileDescriptor: unsafe open(up, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
    try process.runUnblocked()
    let target = try send("Target.createTarget", ["url": "about:blank"])["targetId"]
    let attached = try send("Target.attachToTarget", ["targetId": target as Any, "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log", "Network"] { try send("\(domain).enable") }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  /// Sends an order, and waits for its answer.
  @discardableResult
  public func send(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    count += 1
    var order: [String: Any] = ["id": count, "method": method, "params": parameters]
    order["sessionId"] = session
    try orders.write(contentsOf: try JSONSerialization.data(withJSONObject: order) + [0])
    while true {
      let message = try next(after: method)
      if message["id"] as? Int == count {
        guard let result = message["result"] as? [String: Any] else {
          throw CommandLineTool.Failure(description: "\(method): \(message)")
        }
        return result
      }
      note(message)
    }
  }

  private func note(_ message: [String: Any]) {
    guard let method = message["method"] as? String, let parameters = message["params"] as? [String: Any] else {
      return
    }
    switch method {
    case "Runtime.consoleAPICalled", "Runtime.exceptionThrown": complaints.append("\(parameters)")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any]
      complaints.append("\(entry?["text"] ?? "") \(entry?["url"] ?? "")")
    default: break
    }
  }

  private func next(after method: String) throws -> [String: Any] {
    while true {
      if let end = heard.firstIndex(of: 0) {
        let message = heard[..<end]
        heard = Data(heard[(end + 1)...])
        return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
      }
      var ready = pollfd(fd: answers.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 30_000) > 0 else {
        throw CommandLineTool.Failure(description: "\(method): the browser does not answer")
      }
      heard += try answers.part()
    }
  }

  /// What a script comes to.
  public func value(_ script: String) throws -> Any? {
    let answer = try send("Runtime.evaluate", ["expression": script, "returnByValue": true, "awaitPromise": true])
    if let wrong = answer["exceptionDetails"] { throw CommandLineTool.Failure(description: "\(script): \(wrong)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  /// Waits until a script comes to true.
  public func wait(for seconds: Double = 20, until script: String) throws -> Bool {
    let end = Date.now.addingTimeInterval(seconds)
    while Date.now < end {
      if try value(script) as? Bool == true { return true }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return false
  }

  /// Opens a page, and waits until it is there.
  public func visit(_ url: String) throws {
    try send("Page.navigate", ["url": url])
    guard try wait(until: "location.href == '\(url)' && document.readyState == 'complete'") else {
      throw CommandLineTool.Failure(description: "\(url) does not open: \(complaints)")
    }
  }

  /// The window's size, and whether the reader likes it dark.
  public func look(width: Int, height: Int, isDark: Bool) throws {
    try send(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600])
    let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
    try send("Emulation.setEmulatedMedia", ["features": [scheme]])
  }

  /// Presses a key, as `Tab` or `Enter`.
  public func press(_ key: String) throws {
    let code = key == "Tab" ? 9 : 13
    for type in ["keyDown", "keyUp"] {
      var event: [String: Any] = ["type": type, "key": key, "code": key, "windowsVirtualKeyCode": code]
      if key == "Enter", type == "keyDown" { event["text"] = "\r" }
      try send("Input.dispatchKeyEvent", event)
    }
  }

  /// The whole page as PNG.
  public func picture() throws -> Data {
    let answer = try send("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }
}

extension FileHandle {
  /// What is there, without waiting for more of it.
  fileprivate func part() throws -> Data {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let got = unsafe Foundation.read(fileDescriptor, &bytes, bytes.count)
    guard got > 0 else { throw CommandLineTool.Failure(description: "the browser is gone") }
    return Data(bytes.prefix(got))
  }
}
