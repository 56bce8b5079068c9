/// What a file turned out to hold.
public enum OpenedFile: ~Copyable {
  case capture(CaptureReader)
  /// It begins with the signature that was asked about: no capture, but of a form that the caller reads.
  case other(OtherFile)

  /// Opens the file at `path`, where "-" is standard input, and waits for the start of it. `signature` has no beginning in
  /// common with a plain capture.
  public init(path: String, filter: String? = nil, signature: [UInt8]) throws(CaptureError) {
    let file: FileSource
    var start: [UInt8] = []
    do throws(CaptureError.Fault) {
      file = try FileSource(path: path)
      try file.lengthen(&start, to: min(4, signature.count))
      if !start.isEmpty, signature.starts(with: start) { try file.lengthen(&start, to: signature.count) }
    } catch {
      throw CaptureError(path: path, fault: error)
    }
    if start == signature {
      self = .other(OtherFile(file: file, start: start, path: path))
    } else {
      self = .capture(try CaptureReader(file, prefix: start, path: path, filter: filter))
    }
  }
}

/// A file that is no capture.
public struct OtherFile {
  let file: FileSource
  let start: [UInt8]
  let path: String

  /// All of it, its signature too.
  public func bytes() throws(CaptureError) -> [UInt8] {
    var bytes = start
    do throws(CaptureError.Fault) {
      while true {
        let length = bytes.count
        // As much again as there is, so that no byte is copied often.
        try file.lengthen(&bytes, to: length + max(1 << 20, length))
        if bytes.count == length { return bytes }
      }
    } catch {
      throw CaptureError(path: path, fault: error)
    }
  }
}
