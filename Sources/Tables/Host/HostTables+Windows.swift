import Wire

extension HostTables {
  /// Whether Windows sends from an interface's address by others, and takes by an interface what is for the addresses of others.
  public struct WeakHost: Sendable {
    public var sends: Flag?
    public var receives: Flag?

    public struct Flag: Sendable {
      public var isEnabled: Bool
      public var line: TableLine
    }
  }

  /// `netsh interface ipv4 show interface level=verbose`: `Interface Ethernet Parameters`, then a line for each of them.
  mutating func readWindowsInterfaces(_ lines: [TextLine], _ path: String) throws(TableError) {
    var open: Int?
    for line in lines {
      if line.beginsWindowsInterface {
        open = windowsInterface(line.words.dropFirst().dropLast().joined(separator: " "), line, path)
      } else if line.words.starts(with: ["Weak", "Host"]), line.words.count >= 5, line.words[3] == ":" {
        guard let index = open else { throw line.fault("Interface NAME Parameters before its settings") }
        guard let isEnabled = ["enabled": true, "disabled": false][line.words[4]] else {
          throw line.fault("enabled or disabled", line.words[4])
        }
        let flag = WeakHost.Flag(isEnabled: isEnabled, line: TableLine(path: path, number: line.number))
        var own = interfaces[index].weakHost ?? WeakHost()
        switch line.words[2] {
        case "Sends": own.sends = flag
        case "Receives": own.receives = flag
        default: throw line.fault("Weak Host Sends or Weak Host Receives")
        }
        interfaces[index].weakHost = own
      }
    }
  }

  /// `netsh interface ipv4 show config`: `Configuration for interface "Ethernet"`, its addresses and their prefixes.
  mutating func readWindowsAddresses(_ lines: [TextLine], _ path: String) throws(TableError) {
    var open: Int?
    for line in lines {
      if line.beginsWindowsConfiguration {
        let name = line.text.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first ?? ""
        open = windowsInterface(String(name), line, path)
      } else if line.words.starts(with: ["IP", "Address:"]), line.words.count > 2 {
        guard let index = open else { throw line.fault("Configuration for interface before its addresses") }
        guard let address = IPAddress(String(line.words[2])) else { throw line.fault("an IP address", line.words[2]) }
        interfaces[index].addresses.append(
          Address(
            address: address, prefixLength: address.bitWidth, scope: "global", hasNoPrefixRoute: false,
            line: TableLine(path: path, number: line.number)))
      } else if line.words.starts(with: ["Subnet", "Prefix:"]), line.words.count > 2 {
        guard let index = open, let last = interfaces[index].addresses.indices.last else { continue }
        interfaces[index].addresses[last].prefixLength = try Self.prefix(line.words[2], in: line).length
      }
    }
  }

  /// The place of an interface of that name. What is called a loopback stands on no wire.
  private mutating func windowsInterface(_ name: String, _ line: TextLine, _ path: String) -> Int {
    if let known = interfaces.firstIndex(where: { $0.name == name }) { return known }
    interfaces.append(
      Interface(
        name: name, mac: nil, linkType: "windows",
        flags: name.lowercased().contains("loopback") ? ["UP", "NOARP"] : ["UP"],
        line: TableLine(path: path, number: line.number)))
    return interfaces.count - 1
  }
}

extension TextLine {
  var beginsWindowsInterface: Bool { words.count > 2 && words[0] == "Interface" && words.last == "Parameters" }
  var beginsWindowsConfiguration: Bool {
    words.starts(with: ["Configuration", "for", "interface"]) && text.contains("\"")
  }
}
