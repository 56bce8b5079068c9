import Platform
import Tables

/// Reads `be1=folder`, `folder`, or `live` for this host.
func host(argument: String) throws(Failure) -> HostTables {
  if argument == "live" || argument.hasSuffix("=live") {
    return try liveHost(named: argument == "live" ? nil : String(argument.dropLast("=live".count)))
  }
  let (given, path) = TableOptions.named(argument)
  if isFile(path) { return try pastedHost(named: given, at: path) }
  let names = try fileNames(in: path)
  let name = given ?? hostName(inFolder: path, names: names) ?? path.absolutePath.lastPathComponent
  let prefix = HostTables.prefix(ofFiles: names, host: name)
  let own = names.filter { $0.hasPrefix(prefix) && HostTables.isKnown(String($0.dropFirst(prefix.count))) }
  guard !own.isEmpty else {
    let some = HostTables.Text.allCases.compactMap(\.names.first).joined(separator: ", ")
    throw .cannotRun("\(path): expected a host's files (\(some)), found none; dsrproof collect writes them")
  }
  var files: [HostTables.File] = []
  for file in own {
    files.append(
      HostTables.File(
        name: String(file.dropFirst(prefix.count)), text: try inputText(at: "\(path)/\(file)", kind: "table")))
  }
  do {
    return try HostTables(name: name, path: path, prefix: prefix, files: files)
  } catch {
    throw Failure(error.error, in: error.path)
  }
}

/// The files of a folder that a report must not overwrite.
func hostFiles(argument: String) -> [String] {
  let path = TableOptions.named(argument).path
  if isFile(path) { return [path] }
  return ((try? names(inFolder: path)) ?? []).map { "\(path)/\($0)" }
}

private func isFile(_ path: String) -> Bool {
  fileStatus(path).map { $0.kind != .directory } ?? false
}

/// What somebody pasted of a host into one file.
private func pastedHost(named name: String?, at path: String) throws(Failure) -> HostTables {
  let text = try inputText(at: path, kind: "host's text")
  let fallback = path.lastPathComponent.withoutExtension
  do {
    let host = try HostTables(name: name, pasted: text, path: path, fallback: fallback)
    for (line, command) in host.passedOver.prefix(8) {
      complain("\(path): line \(line): what \(command) printed is not read")
    }
    return host
  } catch {
    throw Failure(error.error, in: error.path, text, for: .host)
  }
}

private func fileNames(in path: String) throws(Failure) -> [String] {
  do throws(SystemError) {
    return try names(inFolder: path)
  } catch {
    throw .cannotRun("\(path): cannot read: \(error)")
  }
}

/// The name that `dsrproof collect` found.
func hostName(inFolder path: String, names: [String]) -> String? {
  guard names.contains(CollectedHost.noteName),
    let text = try? inputText(at: "\(path)/\(CollectedHost.noteName)", kind: "table")
  else {
    return nil
  }
  return CollectedHost.name(inNote: text)
}

private func liveHost(named name: String?) throws(Failure) -> HostTables {
  let found = CollectedHost.live()
  for miss in found.missing { complain(miss) }
  guard !found.files.isEmpty else { throw .cannotRun("nothing of this host could be read") }
  do {
    return try HostTables(name: name ?? found.name, path: "live", files: found.files)
  } catch {
    throw Failure(error.error, in: error.path)
  }
}
