import Capture
import Evidence
import Platform
import Wire

/// Frames of a folder that another program writes file by file, as `tcpdump -G` and `dumpcap -b` do: a file is read once a
/// newer one is there.
struct RingFrames: FrameSource {
  let name: String
  private let folder: String
  private let filter: String?
  private var reader: PipedFrames?
  /// When each was changed last, of those that were read: a ring writes its names anew.
  private var read: [String: Timestamp] = [:]
  private(set) var interfaces: [CaptureInterface] = []

  init(folder: String, filter: String?) {
    (name, self.folder, self.filter) = (folder, folder, filter)
  }

  let counts: CaptureSummary.LiveCounts? = nil
  let isLive = false
  let hearsSignals = true
  let isBehind = false
  /// Whoever writes the files may go on.
  let hasEnded = false

  mutating func next() throws(Failure) -> FrameBatch? {
    if reader == nil { try begin() }
    let read: FrameBatch?
    do throws(Failure) {
      read = try reader?.next()
    } catch {
      complain("read no further: \(error.message)")
      reader = nil
      return nil
    }
    guard let batch = read else {
      if reader?.hasEnded ?? true { reader = nil }
      return nil
    }
    interfaces = reader?.interfaces ?? interfaces
    return batch
  }

  mutating func giveBack(_ batch: consuming FrameBatch) { reader?.giveBack(batch) }

  /// Opens the oldest file that was not read, and is not the newest. What cannot be read is told, and passed over.
  private mutating func begin() throws(Failure) {
    let files = try files
    let names = Set(files.map(\.path))
    read = read.filter { names.contains($0.key) }
    guard let next = files.dropLast().first(where: { read[$0.path] != $0.time }) else {
      // Nothing to do until the next file begins.
      Threads.sleep(for: .milliseconds(100))
      return
    }
    read[next.path] = next.time
    do throws(Failure) {
      let frames = PipedFrames(CaptureInput(path: next.path), filter: filter)
      try frames.open()
      reader = frames
    } catch {
      complain("passed over: \(error.message)")
    }
  }

  /// The files of the folder, oldest first: a ring uses its names again.
  private var files: [(path: String, time: Timestamp)] {
    get throws(Failure) {
      let names: [String]
      do throws(SystemError) {
        names = try Platform.names(inFolder: folder)
      } catch {
        throw .cannotRun("\(folder): cannot read: \(error)")
      }
      let files = names.filter { !$0.hasPrefix(".") }.compactMap { name -> (path: String, time: Timestamp)? in
        let path = folder + "/" + name
        guard fileStatus(path)?.kind == .regular, let time = modificationTime(path) else { return nil }
        let (seconds, nanoseconds) = (UInt32(clamping: time.seconds), UInt32(clamping: time.nanoseconds))
        return (path, Timestamp(seconds: seconds, nanoseconds: nanoseconds))
      }
      return files.sorted { ($0.time, $0.path) < ($1.time, $1.path) }
    }
  }
}
