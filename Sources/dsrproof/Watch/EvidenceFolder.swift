import Capture
import Checks
import Evidence
import EvidenceFile
import Platform
import Report
import Synchronization
import Wire

/// The folder that gets the evidence of each hour, a file each, for whoever merges it with that of other hosts.
///
/// Hours are those of the frames' times, in UTC. A file is there once its hour is over, or the run.
final class EvidenceFolder {
  let path: String
  /// Where it is captured: parts of one place are one capture.
  private let place: String
  /// What is captured there: `be1:eth1`, or `lb` of `-r lb=-`.
  private let title: String
  /// It has every frame that its filters let pass.
  private let isWhole: Bool
  private let makeEvidence: () -> Evidence
  private var hour: Hour?
  /// What the kernel had counted by the end of the hour before.
  private var counted = CaptureSummary.LiveCounts()
  private let writing = Writing()

  /// A week of hours: what nobody has fetched by then goes, the oldest first.
  static let limit = 168
  private static let ending = "-dsrproof.evidence"

  private final class Hour {
    var evidence: Evidence
    var interfaces: [CaptureInterface]
    let first: Timestamp
    /// What evidence calls it.
    let path: String
    var lastFrame: UInt64 = 0

    init(_ evidence: consuming Evidence, _ interfaces: [CaptureInterface], since first: Timestamp, path: String) {
      _ = evidence.beginCapture(path: path)
      (self.evidence, self.interfaces, self.first, self.path) = (evidence, interfaces, first, path)
    }

    /// A frame of this time belongs to another hour. Frames of several queues come out of order, and a clock that was set back
    /// begins anew.
    func isOver(at time: Timestamp) -> Bool {
      Self.number(time) > Self.number(first) || time.seconds(since: first) < -60
    }

    private static func number(_ time: Timestamp) -> Int64 { Int64(time.seconds) / 3600 }
  }

  /// How many files are being written, by threads of their own.
  private final class Writing: Sendable {
    let count = Mutex(0)
  }

  init(path: String, place: String, name: String, isWhole: Bool, evidence: @escaping () -> Evidence) {
    (self.path, self.place, self.isWhole, makeEvidence) = (path, place, isWhole, evidence)
    title = name == place ? place : "\(place):\(name)"
  }

  /// Adds frames: `range` of a batch. `counts`: what the kernel has counted by now.
  func add(
    _ range: Range<Int>, of batch: borrowing FrameBatch, _ interfaces: [CaptureInterface],
    _ counts: @autoclosure () -> CaptureSummary.LiveCounts?
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      if let hour, hour.isOver(at: batch.frames[first].time) || !hour.interfaces.isBegun(by: interfaces) {
        write(counts(), inBackground: true)
      }
      let current = hour ?? begun(at: batch.frames[first].time, interfaces)
      hour = current
      let end = batch.frames[first..<range.upperBound].firstIndex { current.isOver(at: $0.time) } ?? range.upperBound
      observe(first..<end, of: batch, interfaces)
      first = end
    }
  }

  private func begun(at time: Timestamp, _ interfaces: [CaptureInterface]) -> Hour {
    Hour(makeEvidence(), interfaces, since: time, path: "\(title)@\(time.iso8601)")
  }

  private func observe(_ range: Range<Int>, of batch: borrowing FrameBatch, _ interfaces: [CaptureInterface]) {
    guard let hour else { return }
    hour.interfaces = interfaces
    let numbered = batch.frames[range].map { frame in
      hour.lastFrame += 1
      return frame.numbered(hour.lastFrame)
    }
    hour.evidence.observe(
      numbered.span, in: batch.bytes.span, capture: 0, linkTypes: interfaces.map(\.linkType))
  }

  /// Writes an hour that is over by the clock, though no frame has come since.
  func endHour(before time: Timestamp, _ counts: @autoclosure () -> CaptureSummary.LiveCounts?) {
    guard let hour, hour.isOver(at: time) else { return }
    write(counts(), inBackground: true)
  }

  /// Writes what the last hour has so far, and waits for what is being written.
  func end(_ counts: CaptureSummary.LiveCounts?) {
    write(counts, inBackground: false)
    while writing.count.withLock({ $0 > 0 }) { Threads.sleep(for: .milliseconds(10)) }
  }

  private func write(_ counts: CaptureSummary.LiveCounts?, inBackground: Bool) {
    guard let hour else { return }
    self.hour = nil
    let (part, file) = (part(of: hour, counts), file(of: hour))
    let (folder, writing, beginning) = (path, writing, title.fileName + "-")
    let write: @Sendable () -> Void = { Self.write(part, to: file, beginning: beginning, in: folder) }
    guard inBackground else { return write() }
    writing.count.withLock { $0 += 1 }
    do {
      try Threads.start {
        write()
        writing.count.withLock { $0 -= 1 }
      }
    } catch {
      write()
      writing.count.withLock { $0 -= 1 }
    }
  }

  private static func write(_ part: CapturePart, to file: String, beginning: String, in folder: String) {
    do {
      let output = try Output(path: folder + "/" + file)
      output.write(bytes: try EvidenceFile([KeptCapture(part)]).bytes)
      try output.finish()
    } catch let failure as Failure {
      return complain("--evidence: \(failure.message)")
    } catch {
      return complain("--evidence: \(folder)/\(file): \(error)")
    }
    // Other hosts may write into it too, and one's name may begin with another's.
    removeOldestFiles(inFolder: folder, but: file, limit: limit) { name in
      name.hasPrefix(beginning) && name.hasSuffix(ending)
        && name.dropFirst(beginning.count).prefix { $0.isNumber }.count == 8
    }
  }

  private func part(of hour: Hour, _ counts: CaptureSummary.LiveCounts?) -> CapturePart {
    let seen = counts.map { $0.since(counted) }
    if let counts { counted = counts }
    hour.evidence.endCapture(
      0, linkTypes: uniqueInOrder(hour.interfaces.map(\.linkType)), interfaces: hour.interfaces.map { $0.name ?? "" },
      dropped: seen.map { $0.droppedByKernel + $0.droppedByInterface }, truncatedAt: nil)
    var part = CapturePart(
      evidence: hour.evidence, path: hour.path, name: place, lastFrame: hour.lastFrame,
      interfaces: hour.interfaces.map(CapturePart.Interface.init))
    part.filters = hour.interfaces.map(\.filter)
    part.isWhole = isWhole
    return part
  }

  /// `be1-eth1-20261129T120000Z-dsrproof.evidence`, and with `-2` behind the time where a clock was set back to it.
  private func file(of hour: Hour) -> String {
    let name = "\(title.fileName)-\(hour.first.fileName)"
    let names = [name] + (2...99).map { "\(name)-\($0)" }
    return (names.first { fileStatus("\(path)/\($0)\(Self.ending)") == nil } ?? name) + Self.ending
  }
}

extension [CaptureInterface] {
  /// The same ones, and perhaps more: interfaces that a capture describes later.
  fileprivate func isBegun(by others: [CaptureInterface]) -> Bool {
    count <= others.count && zip(self, others).allSatisfy { $0.name == $1.name && $0.linkType == $1.linkType }
  }
}
