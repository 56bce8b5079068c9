import Platform
import Tables

/// The program that a kubeconfig names for its credentials (`exec`), run as kubectl runs it: by its own path, without a shell, and
/// as whoever this run is by then.
struct CredentialProgram {
  private let exec: Kubeconfig.Exec
  private let path: String
  private let variables: [String]

  private let patience: Duration
  private static let byteLimit = 1 << 20

  /// `patience`: it may ask a cloud, and its user on another device.
  init(_ exec: Kubeconfig.Exec, for cluster: Kubeconfig.Cluster, patience: Duration = .seconds(60)) throws(Failure) {
    (self.exec, self.patience) = (exec, patience)
    guard !exec.needsTerminal else {
      throw .cannotRun(
        """
        \(exec.command): the kubeconfig gives it a terminal (interactiveMode: Always), and dsrproof has none to give: set \
        IfAvailable, and log in before; or kubectl get services,endpointslices,nodes -A -o yaml | dsrproof … --kubernetes -
        """)
    }
    guard let path = Self.path(of: exec.command) else {
      let hint = exec.hint.map { ": \($0)" } ?? ""
      throw .cannotRun(
        "\(exec.command): the kubeconfig gets its credentials from this program, which is not there\(hint)")
    }
    self.path = path
    var own = [String: String]()
    for variable in exec.variables { own[variable.name] = variable.value }
    own["KUBERNETES_EXEC_INFO"] = exec.info(for: cluster, authority: try cluster.authority?.bytes())
    // Of two with one name a program takes the first.
    variables =
      Platform.variables.filter { own[String($0.prefix { $0 != "=" })] == nil }
      + own.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// As PATH has it, whose folders that start from this one are left out, as Go leaves them out.
  private static func path(of command: String) -> String? {
    if command.contains("/") { return isProgram(command) ? command : nil }
    let folders = (environment("PATH") ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    return folders.lazy.map { "\($0)/\(command)" }.first(where: isProgram)
  }

  private static func isProgram(_ path: String) -> Bool {
    unsafe access(path, X_OK) == 0 && fileStatus(path)?.kind == .regular
  }

  /// Runs it. What it says beside its answer goes to the user.
  func credential() throws(Failure) -> ExecCredential {
    let answer = try answer()
    guard let text = String(validating: answer, as: UTF8.self) else {
      throw .cannotRun("\(exec.command): expected text in UTF-8, found other bytes")
    }
    do throws(TableError) {
      return try ExecCredential(answer: text, version: exec.version)
    } catch {
      throw Failure(error, in: exec.command)
    }
  }

  private func answer() throws(Failure) -> [UInt8] {
    let (process, reading) = try start()
    let clock = ContinuousClock()
    let start = clock.now
    var (bytes, end, isOpen): ([UInt8], ChildProcess.End?, Bool) = ([], nil, true)
    // What it has left behind may hold the pipe open.
    while isOpen || end == nil {
      guard clock.now - start < patience else {
        process.stop()
        throw .cannotRun("\(exec.command): told no credentials in \(patience.components.seconds) s, and was ended")
      }
      var waiting = pollfd(fd: isOpen ? reading.descriptor : -1, events: Int16(POLLIN), revents: 0)
      let isReady = unsafe poll(&waiting, 1, end == nil ? 20 : 0) > 0
      if isReady {
        let part: [UInt8]
        do throws(SystemError) {
          part = try reading.readPart(atMost: 1 << 16)
        } catch {
          process.stop()
          throw .cannotRun("\(exec.command): cannot read what it says: \(error)")
        }
        isOpen = !part.isEmpty
        bytes += part
        guard bytes.count <= Self.byteLimit else {
          process.stop()
          throw .cannotRun("\(exec.command): expected credentials of at most \(Self.byteLimit >> 20) MiB, found more")
        }
      } else if end == nil {
        end = process.endIfThere
      } else {
        isOpen = false
      }
    }
    switch end {
    case .exit(status: 0)?, nil: return bytes
    case .exit(let status)?:
      throw .cannotRun("\(exec.command): told no credentials: it ended with exit status \(status)")
    case .signal(let signal)?: throw .cannotRun("\(exec.command): told no credentials: signal \(signal) ended it")
    }
  }

  private func start() throws(Failure) -> (ChildProcess, reading: OpenFile) {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw .cannotRun("\(exec.command): cannot start: \(systemMessage(errno))") }
    let (reading, writing) = (OpenFile(owning: ends[0]), OpenFile(owning: ends[1]))
    do throws(SystemError) {
      return (
        try ChildProcess(
          path, exec.arguments, environment: variables, output: writing, errors: .standardError), reading
      )
    } catch {
      throw .cannotRun("\(exec.command): cannot start: \(error)")
    }
  }
}

extension Kubeconfig.Content {
  /// What stands there.
  fileprivate func bytes() throws(Failure) -> [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .file(let path): Array(try inputText(at: path, kind: "certificate", atMost: 1 << 20).utf8)
    }
  }
}
