import Capture
import Foundation
import TestSupport
import Testing
import Wire

/// What a reader gave of a capture.
struct Contents {
  struct Frame: Equatable {
    var data: [UInt8]
    var record: Wire.Frame

    static func == (a: Frame, b: Frame) -> Bool {
      a.data == b.data && a.record.wireLength == b.record.wireLength && a.record.time == b.record.time
        && a.record.interface == b.record.interface && a.record.number == b.record.number
    }
  }
  var frames: [Frame] = []
  var interfaces: [CaptureInterface] = []
  var truncatedAt: UInt64?
  var error: CaptureError?

  var data: [[UInt8]] { frames.map(\.data) }
  var numbers: [UInt64] { frames.map(\.record.number) }
  var times: [Timestamp] { frames.map(\.record.time) }
}

/// Reads a capture file to its end, and checks what holds of every batch whatever the file.
func read(path: String, filter: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) -> Contents {
  var contents = Contents()
  do throws(CaptureError) {
    var reader = try CaptureReader(path: path, filter: filter)
    defer { (contents.interfaces, contents.truncatedAt) = (reader.interfaces, reader.truncatedAt) }
    var batch = FrameBatch()
    var last: UInt64 = 0
    while try reader.read(into: &batch) {
      for frame in batch.frames {
        let end = frame.offset + frame.capturedLength
        guard frame.offset >= 0 && frame.capturedLength >= 0 && end <= batch.bytes.count else {
          Issue.record("frame \(frame) is outside of \(batch.bytes.count) bytes", sourceLocation: sourceLocation)
          return contents
        }
        #expect(frame.wireLength >= frame.capturedLength, sourceLocation: sourceLocation)
        #expect(reader.interfaces.indices.contains(frame.interface), sourceLocation: sourceLocation)
        #expect(frame.number > last, sourceLocation: sourceLocation)
        last = frame.number
        contents.frames.append(Contents.Frame(data: Array(batch.bytes[frame.offset..<end]), record: frame))
      }
    }
    if let size = reader.size, contents.truncatedAt == nil {
      #expect(reader.bytesRead == size, sourceLocation: sourceLocation)
    }
    let again = try reader.read(into: &batch)
    #expect(!again && batch.frames.isEmpty, "the end is final", sourceLocation: sourceLocation)
  } catch {
    contents.error = error
  }
  return contents
}

func read(_ bytes: [UInt8], filter: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) -> Contents {
  let file = TemporaryFile(bytes)
  return read(path: file.path, filter: filter, sourceLocation: sourceLocation)
}

/// The line that an error gives for a file of these bytes, with "F" for the file's path.
func errorLine(_ bytes: [UInt8], filter: String? = nil) -> String? {
  let file = TemporaryFile(bytes)
  return read(path: file.path, filter: filter).error?.description.replacingOccurrences(of: file.path, with: "F")
}

/// A file that goes when its last user does.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "dsrproof-\(UUID().uuidString)"

  init(_ bytes: [UInt8]) {
    write(bytes)
  }

  func write(_ bytes: [UInt8]) {
    let created = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    #expect(created, "cannot write \(path)")
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// `bytes` as a compressor of the system writes them.
func compressed(_ bytes: [UInt8], by name: String, _ options: String...) throws -> [UInt8] {
  let file = TemporaryFile(bytes)
  return Array(try CommandLineTool.data(name, options + ["-c", file.path]))
}
