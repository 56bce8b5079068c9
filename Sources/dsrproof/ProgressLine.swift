import Platform
import Report
import Synchronization

/// One line on standard error that tells how far the reading is: only on a terminal, only once it takes long.
final class ProgressLine: Sendable {
  private static let patience = Duration.seconds(1)
  private static let interval = Duration.milliseconds(200)

  private let isShown: Bool
  private let state = Mutex(State())

  private struct State {
    var due = ContinuousClock.now + ProgressLine.patience
    var isDrawn = false
  }

  init() {
    isShown = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"
  }

  deinit { erase() }

  /// Cheap enough for every batch of frames. `size` is that of the file, `nil` for a pipe.
  func update(path: String, bytesRead: UInt64, size: UInt64?, frames: UInt64) {
    guard isShown else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      guard now >= state.due else { return }
      state.due = now + Self.interval
      state.isDrawn = true
      draw("\r\u{1b}[K" + Self.text(path: path, bytesRead: bytesRead, size: size, frames: frames))
    }
  }

  /// Leaves the terminal as it was.
  func erase() {
    state.withLock { state in
      guard state.isDrawn else { return }
      state.isDrawn = false
      draw("\r\u{1b}[K")
    }
  }

  /// `client.pcap: 45 %, 3 million frames`, short enough for a narrow terminal.
  static func text(path: String, bytesRead: UInt64, size: UInt64?, frames: UInt64) -> String {
    let name = path == "-" ? "standard input" : path.withoutControls
    let shown = name.count <= 40 ? name : "…" + name.suffix(39)
    let done =
      if let size, size > 0 {
        "\(min(100, bytesRead * 100 / size)) %"
      } else {
        "\(bytesRead / 1_000_000) MB"
      }
    return "\(shown): \(done), \(frames) frames"
  }

  private func draw(_ text: String) { try? OpenFile.standardError.write(text.utf8) }
}
