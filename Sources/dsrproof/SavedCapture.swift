import Capture
import Checks
import Platform
import Wire

/// The frames of a live run, written to a scratch file while it goes on.
///
/// With a path (`-w`) they are written again at its end, with comments on the frames that turned out to be evidence, and come
/// to their place whole or not at all. Without one they serve the report that shows some. The scratch file loses its name as
/// soon as it is open, so that it is gone with the run, however that ends.
final class SavedCapture {
  /// What is kept for a report alone.
  private static let mostForReport = 64 << 20

  private let path: String?
  /// What comes to the place of `-w`, which is held open from the beginning.
  let output: Output?
  private let reading: OpenFile
  private let interfaces: [CaptureInterface]
  private var writer: PcapngWriter
  private var room: Int
  private let file: OpenFile

  init(path: String?, interfaces: [CaptureInterface]) throws(Failure) {
    self.path = path
    self.interfaces = interfaces
    // A file of that name, and not standard output, which the report has.
    output = try path.map { path throws(Failure) in try Output(path: path == "-" ? "./-" : path) }
    room = path == nil ? Self.mostForReport : .max
    // Beside its place, where there is room for as much.
    let scratch =
      output?.besidePath ?? scratchPath()
    TemporaryFiles.remember(scratch)
    defer { TemporaryFiles.forget(scratch) }
    do throws(SystemError) {
      file = try OpenFile(creating: scratch)
      defer { unsafe unlink(scratch) }
      reading = try OpenFile(reading: scratch)
    } catch {
      throw .cannotRun("cannot write \(path ?? scratch): \(error)")
    }
    writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
  }

  func add(_ batch: FrameBatch) throws(Failure) {
    guard room > 0 else { return }
    for frame in batch.frames { writer.add(frame, in: batch.bytes) }
    if writer.bytes.count > 1 << 20 { try flush() }
  }

  /// The file of the frames, open for reading for as long as this is there.
  func written() throws(Failure) -> Int32 {
    try flush()
    return reading.descriptor
  }

  private func flush() throws(Failure) {
    do throws(SystemError) {
      try file.write(writer.bytes)
    } catch {
      throw .cannotRun("cannot write \(path ?? "what was captured"): \(error)")
    }
    room -= min(room, writer.bytes.count)
    writer.removeAll()
  }

  /// Writes all of it again, with the comments of the verdict and what was counted of each interface, and puts it in its
  /// place. What has no `statistics` was lost on the way. `isWhole`: nothing but the filter hid frames.
  func finish(with verdict: Verdict, statistics: [LiveInterface.Statistics?], isWhole: Bool) throws {
    guard let path, let output else { return }
    try flush()
    let comments = verdict.checks.comments[path] ?? [:]
    var writer = PcapngWriter(interfaces: interfaces, application: "dsrproof")
    var delivered = [UInt64](repeating: 0, count: interfaces.count)
    do throws(CaptureError) {
      var reader = try CaptureReader(path: path, descriptor: reading.descriptor)
      var batch = FrameBatch()
      while try reader.read(into: &batch) {
        for frame in batch.frames {
          writer.add(frame, in: batch.bytes, comments: comments[frame.number] ?? [])
          delivered[frame.interface] += 1
        }
        output.write(bytes: writer.bytes)
        writer.removeAll()
      }
    } catch {
      throw Failure(error)
    }
    for (interface, statistics) in statistics.enumerated() {
      guard let statistics else { continue }
      writer.add(statistics, delivered: isWhole ? delivered[interface] : nil, interface: interface, at: .now)
    }
    output.write(bytes: writer.bytes)
    try output.finish()
  }
}
