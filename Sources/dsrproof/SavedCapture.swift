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
    file = try Self.create(scratch, for: path)
    writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
  }

  deinit { unsafe unlink(scratch) }

  private static func create(_ scratch: String, for path: String) throws(Failure) -> FileHandle {
    let descriptor = unsafe open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .cannotRun("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func add(_ batch: FrameBatch) throws(Failure) {
    for frame in batch.frames { writer.add(frame, in: batch.bytes) }
    if writer.bytes.count > 1 << 20 { try flush(&writer, to: file) }
  }

  private func flush(_ writer: inout PcapngWriter, to file: FileHandle) throws(Failure) {
    do {
      try file.write(contentsOf: writer.bytes)
    } catch {
      throw .cannotRun("cannot write \(path): \((error as NSError).localizedDescription)")
    }
    writer.removeAll()
  }

  /// Writes all of it again, with the comments of the verdict, and puts it in its place.
  func finish(with verdict: Verdict) throws(Failure) {
    try flush(&writer, to: file)
    let comments = verdict.comments(on: path)
    let final = "\(scratch)2"
    defer { unsafe unlink(final) }
    let output = try Self.create(final, for: path)
    var writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
    do {
      var reader = try CaptureReader(path: scratch)
      var batch = FrameBatch()
      while try reader.read(into: &batch) {
        for frame in batch.frames { writer.add(frame, in: batch.bytes, comments: comments[frame.number] ?? []) }
        try flush(&writer, to: output)
      }
    } catch let error as CaptureError {
      throw Failure(error)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .cannotRun("cannot write \(path): \(error)")
    }
    try flush(&writer, to: output)
    guard unsafe rename(final, path) == 0 else {
      throw .cannotRun("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }
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
