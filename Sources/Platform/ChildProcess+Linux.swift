#if os(Linux)
  import CSystemCalls

  /// A program that was started, and ends when it likes.
  public struct ChildProcess {
    /// How it ended.
    public enum End: Equatable {
      case exit(status: Int32)
      case signal(Int32)
    }

    private let process: pid_t

    /// Starts a program by its own path, without a shell. It reads nothing but `input`, and says nothing but to `output` and
    /// `errors`; it has these variables alone, no other file of this process is open in it, and signals mean to it what they
    /// always do.
    public init(
      _ path: String, _ arguments: [String], environment: [String], input: OpenFile? = nil, output: OpenFile,
      errors: OpenFile? = nil
    ) throws(SystemError) {
      var actions = unsafe posix_spawn_file_actions_t()
      unsafe posix_spawn_file_actions_init(&actions)
      defer { unsafe posix_spawn_file_actions_destroy(&actions) }
      if let input {
        unsafe posix_spawn_file_actions_adddup2(&actions, input.descriptor, STDIN_FILENO)
      } else {
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      }
      unsafe posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
      if let errors {
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.descriptor, STDERR_FILENO)
      } else {
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
      }
      unsafe system_close_from(&actions, STDERR_FILENO + 1)

      var attributes = posix_spawnattr_t()
      unsafe posix_spawnattr_init(&attributes)
      defer { unsafe posix_spawnattr_destroy(&attributes) }
      var (usual, blocked) = (sigset_t(), sigset_t())
      unsafe sigfillset(&usual)
      unsafe sigemptyset(&blocked)
      unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
      unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
      unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

      var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
      var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
      defer {
        for index in unsafe words.indices { unsafe free(words[index]) }
        for index in unsafe variables.indices { unsafe free(variables[index]) }
      }
      var process = pid_t()
      let error = unsafe posix_spawn(&process, path, &actions, &attributes, &words, &variables)
      guard error == 0 else { throw SystemError(error) }
      self.process = process
    }

    /// Whether it has ended, which this takes note of: to be asked until it says so.
    public var hasEnded: Bool { endIfThere != nil }

    /// How it ended, where it has, which this takes note of: to be asked until it says so.
    public var endIfThere: End? {
      var status: Int32 = 0
      guard unsafe waitpid(process, &status, WNOHANG) != 0 else { return nil }
      return Self.end(status)
    }

    /// Tells it to end, and ends it where it does not within a second.
    public func stop() {
      if end(within: .zero) == nil, end(within: .seconds(1)) == nil {
        kill(process, SIGKILL)
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
      }
    }

    /// As the macros of waitpid(2) read it.
    private static func end(_ status: Int32) -> End {
      let signal = status & 0x7f
      return signal == 0 ? .exit(status: status >> 8 & 0xff) : .signal(signal)
    }

    /// Waits for its end; `nil` where it takes longer, and then it is told to end.
    public func end(within patience: Duration) -> End? {
      let start = ContinuousClock.now
      var pause = Duration.milliseconds(1)
      var status: Int32 = 0
      while unsafe waitpid(process, &status, WNOHANG) == 0 {
        guard ContinuousClock.now - start < patience else {
          kill(process, SIGTERM)
          return nil
        }
        Threads.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
      }
      return Self.end(status)
    }
  }
#endif
