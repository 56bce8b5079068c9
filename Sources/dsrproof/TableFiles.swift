import Capture
import Platform
import Tables

/// The text of a table, or of another input of that kind. `-` is standard input.
///
/// One that is larger than any that the tools print is refused rather than read into memory.
func inputText(at path: String, kind: String, atMost limit: Int = 256 << 20) throws(Failure) -> String {
  let name = path == "-" ? "standard input" : path
  let file: OpenFile
  do throws(SystemError) {
    file = path == "-" ? OpenFile.standardInput : try OpenFile(reading: path)
  } catch {
    throw .cannotRun("\(name): cannot read: \(error)")
  }
  return try inputText(of: file, name: name, kind: kind, atMost: limit)
}

/// The text in a file that is open, and of which the beginning may have been read.
func inputText(
  of file: OpenFile, behind start: [UInt8] = [], name: String, kind: String, atMost limit: Int = 256 << 20
) throws(Failure) -> String {
  let bytes: [UInt8]
  do throws(SystemError) {
    bytes = start + (try file.readAll(limit: limit))
  } catch {
    throw .cannotRun("\(name): cannot read: \(error)")
  }
  guard bytes.count <= limit else {
    throw .cannotRun("\(name): expected a \(kind) of at most \(limit >> 20) MiB, found more")
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw .cannotRun("\(name): expected text in UTF-8, found other bytes")
  }
  return text
}

extension Failure {
  /// With what the text comes nearest to, where that is read by another option, or the text is of no form at all.
  init(_ error: TableError, in path: String, _ text: String, for reader: TableForm.Reader) {
    self.init(error, in: path)
    guard let nearest = TableForm.nearest(to: text, for: reader) else { return }
    if nearest.reader != reader {
      message += "; its words are those of \(nearest.source), which \(nearest.reader.option) reads"
    } else if error.isOfNoForm {
      message += "; its words come nearest to \(nearest.source)"
    }
  }

  /// `table.txt: line 4: expected …, found …`.
  init(_ error: TableError, in path: String) {
    let name = path == "-" ? "standard input" : path
    let line = error.line > 0 ? "line \(error.line): " : ""
    // What is found may be a line of any length.
    let found = error.found.count > 80 ? error.found.prefix(80) + " …" : error.found
    self = .cannotRun("\(name): \(line)expected \(error.expected), found \(found)")
  }
}
