#if os(Linux)
  import Capture
  import Platform
  import Tables

  extension CollectedHost {
    /// Reads all that is known, once, and changes nothing. No shell is run: `ip` is started by its own path.
    static func live() -> CollectedHost {
      var found = CollectedHost(name: hostName ?? "localhost")
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
      if isOptional, fileStatus(path) == nil { return }
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
      guard let path = places.first(where: { unsafe access($0, X_OK) == 0 }) else {
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
        let interfaces = (try? names(inFolder: folder)) ?? []
        if interfaces.isEmpty { missing.append("\(folder): cannot read: no interface is there") }
        for interface in interfaces {
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
    let scratch = scratchPath()
    let (writing, reading): (OpenFile, OpenFile)
    TemporaryFiles.remember(scratch)
    defer { TemporaryFiles.forget(scratch) }
    do throws(SystemError) {
      writing = try OpenFile(creating: scratch)
      defer { unsafe unlink(scratch) }
      reading = try OpenFile(reading: scratch)
    } catch {
      throw .cannotRun("\(error)")
    }
    let end: ChildProcess.End?
    do throws(SystemError) {
      end = try ChildProcess(path, arguments, environment: ["LC_ALL=C"], output: writing).end(within: patience)
    } catch {
      throw .cannotRun("\(error)")
    }
    switch end {
    case .exit(status: 0)?: break
    case .exit(let status)?, .signal(let status)?: throw .cannotRun("ended with status \(status)")
    case nil: throw .cannotRun("took longer than \(patience)")
    }
    return try inputText(of: reading, name: path, kind: "table")
  }
#endif
