#if os(Linux)
  import Capture
  import Foundation
  import Tables

  extension CollectedHost {
    /// Reads all that is known, once, and changes nothing. No shell is run: `ip` is started by its own path.
    static func live() -> CollectedHost {
      var found = CollectedHost(name: ProcessInfo.processInfo.hostName)
      found.ask(.addresses, of: "ip", "-d", "-j", "addr")
      found.ask(.neighbours, of: "ip", "-j", "neigh")
      found.ask(.routes, of: "ip", "-4", "-j", "route", "show", "table", "all")
      found.ask(.routes6, of: "ip", "-6", "-j", "route", "show", "table", "all")
      found.ask(.rules, of: "ip", "-4", "-j", "rule")
      found.ask(.rules6, of: "ip", "-6", "-j", "rule")
      found.readSettings()
      // They are there where they are used, and print something for root alone.
      found.ask(.arpRules, of: "arptables-save", isOptional: true)
      found.ask(.iptables, of: "iptables-save", isOptional: true)
      found.ask(.nftables, of: "nft", "list", "ruleset", isOptional: true)
      found.read(.arp, "/proc/net/arp")
      // They are there where IPVS is loaded, and for root alone.
      found.read(.ipvs, "/proc/net/ip_vs", isOptional: true)
      found.read(.connections, "/proc/net/ip_vs_conn", isOptional: true)
      return found
    }

    private mutating func keep(_ kind: HostTables.Text, _ text: String) {
      guard let name = kind.names.first else { return }
      files.append(HostTables.File(name: name, text: text))
    }

    private mutating func read(_ kind: HostTables.Text, _ path: String, isOptional: Bool = false) {
      if isOptional, !FileManager.default.fileExists(atPath: path) { return }
      do {
        keep(kind, try inputText(at: path, kind: "table"))
      } catch {
        missing.append(error.message)
      }
    }

    /// What is optional is passed over where there is no such program, or it prints nothing.
    private mutating func ask(
      _ kind: HostTables.Text, of program: String, _ arguments: String..., isOptional: Bool = false
    ) {
      let said = ([program] + arguments).joined(separator: " ")
      let places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map { "\($0)/\(program)" }
      guard let path = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
        if !isOptional {
          missing.append("\(said): cannot read: there is no \(program) in /usr/sbin, /sbin, /usr/bin and /bin")
        }
        return
      }
      do {
        let text = try output(of: path, arguments, patience: .seconds(10))
        if !isOptional || !text.isEmpty { keep(kind, text) }
      } catch {
        missing.append("\(said): cannot read: \(error.message)")
      }
    }

    /// The kernel's settings as `sysctl` names them: a dot in an interface's name becomes a slash.
    private mutating func readSettings() {
      let root = "/proc/sys/net"
      var lines: [String] = []
      for version in ["ipv4", "ipv6"] {
        let folder = "\(root)/\(version)/conf"
        let interfaces = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        if interfaces.isEmpty { missing.append("\(folder): cannot read: no interface is there") }
        for interface in interfaces.sorted() {
          for name in version == "ipv4" ? HostTables.keptSettings : ["forwarding"] {
            guard let value = Self.setting("\(folder)/\(interface)/\(name)") else { continue }
            lines.append("net.\(version).conf.\(interface.replacing(".", with: "/")).\(name) = \(value)")
          }
        }
      }
      for key in HostTables.trackingSettings {
        guard let value = Self.setting("/proc/sys/" + key.replacing(".", with: "/")) else { continue }
        lines.append("\(key) = \(value)")
      }
      if let value = Self.setting("\(root)/ipv4/ip_forward") { lines.append("net.ipv4.ip_forward = \(value)") }
      if !lines.isEmpty { keep(.settings, lines.map { $0 + "\n" }.joined()) }
    }

    private static func setting(_ path: String) -> String? {
      guard let text = try? inputText(at: path, kind: "table") else { return nil }
      return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
  }

  /// What a program prints, which is ended when it takes too long. Through a file, which has no name once it is open: what it
  /// prints may be of any length.
  private func output(of path: String, _ arguments: [String], patience: Duration) throws(Failure) -> String {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "dsrproof-\(UUID())")
    let reading: FileHandle
    do {
      let descriptor = unsafe open(scratch.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw Failure.cannotRun(systemMessage(errno)) }
      TemporaryFiles.remember(scratch.path)
      defer {
        unsafe unlink(scratch.path)
        TemporaryFiles.forget(scratch.path)
      }
      let writing = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      reading = try FileHandle(forReadingFrom: scratch)
      unsafe unlink(scratch.path)
      let process = Process()
      process.executableURL = URL(filePath: path)
      process.arguments = arguments
      process.environment = ["LC_ALL": "C"]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = writing
      process.standardError = FileHandle.nullDevice
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      let (seconds, attoseconds) = patience.components
      guard ended.wait(timeout: .now() + Double(seconds) + Double(attoseconds) / 1e18) == .success else {
        process.terminate()
        throw Failure.cannotRun("took longer than \(patience)")
      }
      guard process.terminationReason == .exit, process.terminationStatus == 0 else {
        throw Failure.cannotRun("ended with status \(process.terminationStatus)")
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .cannotRun(reason(for: error))
    }
    return try inputText(of: reading, name: path, kind: "table")
  }
#endif
