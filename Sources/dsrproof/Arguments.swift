public import ArgumentParser
public import Capture
public import Checks
import Evidence
import Wire

/// What was expected where something else was found, on the command line and in the configuration.
enum Expected {
  static let vip = "a VIP like 10.1.10.10, 10.1.10.10:80, udp://10.1.10.10:53 or [fd00:10::10]:443"
  static let backend = "a backend like 10.1.10.20 or 10.1.10.20=06:d2:0a:b1:14:20"
  static let mac = "the MAC of one station, like 06:1f:8a:6c:8e:d2"
  static let count = "a number from 1, like 10"
  static let percent = "a share from 0 to 100 percent, like 1 or 0.5"
}

extension ServicePattern {
  /// Reads `10.1.10.10`, `10.1.10.10:80`, `udp://10.1.10.10:53`, `[fd00:10::10]:443`, `fd00:10::10`.
  init(argument: String) throws {
    guard let service = Self(text: argument) else {
      throw ValidationError("Expected \(Expected.vip).")
    }
    self = service
  }

  init?(text: String) {
    var rest = text[...]
    var transport: TransportProtocol?
    if let scheme = rest.firstRange(of: "://") {
      transport = TransportProtocol.allCases.first { $0.name == rest[..<scheme.lowerBound].lowercased() }
      guard transport != nil else { return nil }
      rest = rest[scheme.upperBound...]
    }
    let host: Substring
    var port: Substring?
    if rest.first == "[" {
      guard let bracket = rest.firstIndex(of: "]") else { return nil }
      host = rest[rest.index(after: rest.startIndex)..<bracket]
      let tail = rest[rest.index(after: bracket)...]
      guard host.contains(":"), tail.isEmpty || tail.first == ":" else { return nil }
      port = tail.isEmpty ? nil : tail.dropFirst()
    } else if let colon = rest.firstIndex(of: ":"), rest[rest.index(after: colon)...].contains(":") {
      // More than one colon: an IPv6 address without brackets has no room for a port.
      host = rest
    } else {
      let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      host = parts[0]
      port = parts.count == 2 ? parts[1] : nil
    }
    guard let address = IPAddress(String(host)), !address.isUnspecified else { return nil }
    guard let port else {
      self.init(address: address, transport: transport)
      return
    }
    guard let number = portNumber(port) else { return nil }
    // A port without a scheme is TCP's, as in a URL's.
    self.init(address: address, transport: transport ?? .tcp, port: number)
  }
}

/// 1 to 65535, in digits alone.
private func portNumber(_ text: Substring) -> UInt16? {
  guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(text), port > 0 else {
    return nil
  }
  return port
}

extension Policy.Backend {
  /// Reads `10.1.10.20` or `10.1.10.20=06:d2:0a:b1:14:20`; `[fd00:10::20]` as `--vip` has it, too.
  init(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let bare = parts[0].hasPrefix("[") && parts[0].hasSuffix("]") ? String(parts[0].dropFirst().dropLast()) : parts[0]
    guard let address = IPAddress(bare), bare == parts[0] || address.version == .v6 else {
      throw ValidationError("Expected \(Expected.backend).")
    }
    self.init(address: address, mac: try parts.dropFirst().first.map(unicastMAC(argument:)))
  }
}

/// Reads the MAC of one station.
func unicastMAC(argument: String) throws -> MACAddress {
  guard let mac = MACAddress(argument), mac.isUnicast else {
    throw ValidationError("Expected \(Expected.mac).")
  }
  return mac
}

/// Reads a number from 1.
func positive(argument: String) throws -> Int {
  guard let number = Int(argument), number > 0 else { throw ValidationError("Expected \(Expected.count).") }
  return number
}

/// Reads a snap length; 0 stands for the longest, as in tcpdump.
func snapLength(argument: String) throws -> Int {
  guard let number = Int(argument), (0...262_144).contains(number) else {
    throw ValidationError("Expected a number of bytes up to 262144, like 256.")
  }
  return number == 0 ? 262_144 : number
}

/// Reads a share from 0 to 100, with a percent sign or without.
func percent(argument: String) throws -> Double {
  let digits = argument.last == "%" ? String(argument.dropLast()) : argument
  guard let number = Double(digits), (0...100).contains(number) else {
    throw ValidationError("Expected \(Expected.percent).")
  }
  return number
}

// ArgumentParser's own lists are made by key paths, which each start would pay for.
extension Vantage: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map { $0.rawValue } }
}
extension LiveInterface.Direction: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map { $0.rawValue } }
}
extension ServiceVerdict.Proof: ExpressibleByArgument {
  public static var allValueStrings: [String] { allCases.map { $0.rawValue } }
}
