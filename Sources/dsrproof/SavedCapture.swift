import Capture
import Checks
import Foundation
import Wire

/// What a live run keeps (`-w`): written beside its place while the run goes on, and again at its end, with comments on
/// the frames that turned out to be evidence. It comes to its place whole or not at all.
final class SavedCapture {
  private let path: String
  private let scratch: String
  private let interfaces: [CaptureInterface]
  private var writer: PcapngWriter
  private let file: FileHandle

  init(path: String, interfaces: [CaptureInterface]) throws(Failure) {
    self.path = path
    self.interfaces = interfaces
    scratch = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotRun("cannot write \(path): \(systemMessage(errno))") }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
  }

  deinit { unsafe unlink(scratch) }

  func add(_ batch: FrameBatch) throws(Failure) {
    for frame in batch.frames { writer.add(frame, in: batch.bytes) }
    if writer.bytes.count > 1 << 20 { try flush() }
  }

  private func flush() throws(Failure) {
    do {
      try file.write(contentsOf: writer.bytes)
    } catch {
      throw .cannotRun("cannot write \(path): \(reason(for: error))")
    }
    writer.removeAll()
  }

  /// Writes all of it again, with the comments of the verdict, and puts it in its place.
  func finish(with verdict: Verdict) throws {
    try flush()
    let comments = verdict.comments(on: path)
    // A file of that name, and not standard output, which the report has.
    let output = try Output(path: path == "-" ? "./-" : path)
    var writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
    do throws(CaptureError) {
      var reader = try CaptureReader(path: scratch)
      var batch = FrameBatch()
      while try reader.read(into: &batch) {
        for frame in batch.frames { writer.add(frame, in: batch.bytes, comments: comments[frame.number] ?? []) }
        output.write(bytes: writer.bytes)
        writer.removeAll()
      }
    } catch {
      throw Failure(error)
    }
    output.write(bytes: writer.bytes)
    try output.finish()
  }
}

extension Verdict {
  /// What each frame of a capture proves, by its number.
  fileprivate func comments(on path: String) -> [UInt64: [String]] {
    var comments: [UInt64: [String]] = [:]
    for check in checks {
      for exhibit in check.evidence {
        guard case .frame(let frame) = exhibit.source, frame.capture == path else { continue }
        comments[frame.number, default: []].append(
          "\(check.id) \(check.slug): expected \(exhibit.expected), found \(exhibit.actual)")
      }
    }
    return comments
  }
}
