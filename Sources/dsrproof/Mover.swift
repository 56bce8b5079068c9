import CSystemCalls
import Capture
import Platform

/// A process that keeps the rights which this one gives up, and does one thing with them: it puts finished files in their
/// places. What was not finished it removes, as soon as this one has ended, however that came.
final class Mover {
  struct File {
    var temporary: String
    var place: String
  }

  private let orders: Int32
  private let answers: Int32
  private let process: pid_t

  init(_ files: [File]) throws(Failure) {
    guard files.count <= Int(UInt8.max) else { throw .cannotRun("too many outputs: \(files.count)") }
    let paths = unsafe files.flatMap { file in unsafe [strdup(file.temporary), strdup(file.place)] }
    defer { for index in unsafe paths.indices { unsafe free(paths[index]) } }
    var line: [Int32] = [-1, -1]
    process = unsafe system_start_mover(paths, Int32(files.count), &line)
    guard process > 0 else {
      throw .cannotRun("cannot start a process that keeps the outputs: \(systemMessage(errno))")
    }
    (orders, answers) = (line[0], line[1])
  }

  /// It ends with its line.
  deinit {
    close(orders)
    close(answers)
    while waitpid(process, nil, 0) < 0, errno == EINTR {}
  }

  /// Puts a file in its place; 0, or an error number.
  func move(_ number: UInt8) -> Int32 {
    var (number, error) = (number, Int32(0))
    guard unsafe Platform.write(orders, &number, 1) == 1 else { return errno }
    while true {
      let count = unsafe Platform.read(answers, &error, MemoryLayout<Int32>.size)
      if count == MemoryLayout<Int32>.size { return error }
      if count >= 0 || errno != EINTR { return EPIPE }
    }
  }
}
