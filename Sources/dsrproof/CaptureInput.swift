import Capture
import Platform
import Wire

/// A file that `-r` names, and what the user calls the place where it was captured.
struct CaptureInput: Equatable {
  var name: String?
  /// `-` for standard input.
  var path: String

  /// Not a file that holds what is there already: its frames come while it is read.
  var isPipe: Bool {
    if path == "-" { return fileStatus("/dev/stdin")?.kind != .regular }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFIFO || status.st_mode & S_IFMT == S_IFSOCK
  }

  /// In bytes; 0 of what is no file.
  var size: UInt64 {
    var status = stat()
    guard unsafe stat(path == "-" ? "/dev/stdin" : path, &status) == 0 else { return 0 }
    return UInt64(clamping: status.st_size)
  }

  /// About how many bytes the flows in a file take at most: each of its frames may be a flow's only one. Packed, it has some
  /// sixteen times as many.
  var mostFlowBytes: Double {
    let isPacked = path.hasSuffix(".gz") || path.hasSuffix(".zst")
    return Double(size) * (isPacked ? 64 : 4) + Double(1 << 16)
  }

  /// Reads `file`, `name=file` and folders. A file whose own name has a `=` comes first.
  static func all(_ arguments: [String]) throws(Failure) -> [CaptureInput] {
    var inputs: [CaptureInput] = []
    for argument in arguments {
      let input = CaptureInput(argument)
      guard fileStatus(input.path)?.kind == .directory else {
        inputs.append(input)
        continue
      }
      let captures = try captures(in: input.path)
      inputs += captures.map { CaptureInput(name: input.name, path: $0) }
    }
    var known: Set<String> = []
    for input in inputs where !known.insert(input.path).inserted {
      throw .usage("\(input.path) is named twice with -r: its frames would count twice")
    }
    return inputs
  }

  init(name: String? = nil, path: String) { (self.name, self.path) = (name, path) }

  private init(_ argument: String) {
    self.init(path: argument)
    guard fileStatus(argument) == nil, let sign = argument.firstIndex(of: "=") else { return }
    let (name, path) = (argument[..<sign], String(argument[argument.index(after: sign)...]))
    guard !name.isEmpty, !name.contains("/"), path == "-" || fileStatus(path) != nil else { return }
    (self.name, self.path) = (String(name), path)
  }

  /// The captures of a folder, by name.
  private static func captures(in folder: String) throws(Failure) -> [String] {
    let names: [String]
    do throws(SystemError) {
      names = try Platform.names(inFolder: folder)
    } catch {
      throw .cannotRun("\(folder): cannot read: \(error)")
    }
    let paths = names.filter { !$0.hasPrefix(".") }.map { (folder.hasSuffix("/") ? folder : folder + "/") + $0 }
    let captures = paths.filter { fileStatus($0)?.kind == .regular && holdsCapture($0) }
    if captures.isEmpty { throw .cannotRun("\(folder): no file in this folder is a capture") }
    return captures
  }

  /// A word behind `-r` names a file, and no part of a filter: a file of that name is a capture, or has the form of a
  /// path.
  static func isCapture(named word: String) -> Bool {
    guard fileStatus(word)?.kind == .regular else { return false }
    return holdsCapture(word) || word.contains("/") || word.contains(".") && IPAddress(word) == nil
  }

  private static func holdsCapture(_ path: String) -> Bool {
    guard let file = try? OpenFile(reading: path), let start = try? file.read(4) else { return false }
    if CaptureReader.recognizes(start) { return true }
    // Of text the first packet may stand behind what else was printed.
    guard let more = try? file.read(16 << 10) else { return false }
    return CaptureReader.recognizesText(start + more)
  }
}
