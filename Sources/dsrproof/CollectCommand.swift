import ArgumentParser
import Platform
import Tables

/// `dsrproof collect`: this host's tables into a folder.
struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Gather this host's tables into a folder, for verify --host.",
    discussion: """
      Reads this host, or the network namespace that it runs in, once, and changes nothing: addresses, neighbours and \
      routes (ip -j), settings (/proc/sys/net), ARP and IPVS tables (/proc/net). The folder is made where there is \
      none; one that holds anything else is left as it is. What could not be read is named on standard error.

      EXAMPLES
        dsrproof collect be1
            On the backend. Take the folder to where the captures are.
        dsrproof verify -r be1.pcap --vip 10.1.10.10:80 --host be1=be1
            There.
      """)

  @Argument(help: ArgumentHelp("The folder to write.", valueName: "folder"), completion: .directory)
  var folder: String

  func run() throws {
    let written = HostTables.Text.allCases.compactMap(\.names.first) + [CollectedHost.noteName]
    try prepare(mayHold: Set(written))
    let found = CollectedHost.live()
    for miss in found.missing { complain(miss) }
    guard !found.files.isEmpty else { throw Failure.cannotRun("nothing of this host could be read") }
    let note = HostTables.File(
      name: CollectedHost.noteName, text: CollectedHost.note(name: found.name, time: .now))
    for file in found.files + [note] {
      let output = try Output(path: "\(folder)/\(file.name)")
      output.write(file.text)
      try output.finish()
    }
    // What an earlier pass found and this one did not must not pass for this one's.
    for name in written where name != note.name && !found.files.contains(where: { $0.name == name }) {
      unsafe unlink("\(folder)/\(name)")
    }
  }

  /// Makes the folder. One with other files in it was meant for something else.
  private func prepare(mayHold own: Set<String>) throws(Failure) {
    try Output.refuseForeignLinks(in: folder)
    let held: [String]
    do throws(SystemError) {
      try makeFolder(at: folder)
      held = try names(inFolder: folder)
    } catch {
      throw .cannotRun("\(folder): cannot write: \(error)")
    }
    if let other = held.first(where: { !own.contains($0) }) {
      throw .cannotRun("\(folder): holds \(other), which is none of its files: name a new folder")
    }
  }
}
