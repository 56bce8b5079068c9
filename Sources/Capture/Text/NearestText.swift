/// What a text without packets looks like most, and where.
public struct NearestText: Sendable, Hashable {
  /// The forms of text that are known, nearest to a packet first.
  public enum Form: Sendable, Hashable {
    /// What tshark prints of fields, without some that are needed.
    case tsharkFields(missing: [String])
    /// A packet that tcpdump printed, in which something cannot be read.
    case unreadPacket
    /// One of which -q left out what it is.
    case quickPacket
    /// What stands in a packet's line, without its beginning.
    case partOfPacket
    /// One of which columns are missing, or whose packet has no ports.
    case tsharkLine
    /// One without the column of the frame's length.
    case tsharkWithoutLength
    /// One whose frame is longer than what it shows.
    case tsharkHidden
    case tsharkDetails
    /// `-T json`, `-T ek`, `-T pdml`.
    case tsharkDocument
    case hexDump
    case ipvsTable
    case kubernetes
    case json
    case interfaces
    case firewall
    /// Packets as FortiGate, IOS, RouterOS, fw monitor, ngrep and others print them.
    case otherPackets

    /// The nearest to a packet has the lowest.
    fileprivate var rank: Int {
      switch self {
      case .tsharkFields: 0
      case .unreadPacket, .quickPacket: 1
      case .partOfPacket: 2
      case .tsharkHidden: 3
      case .tsharkWithoutLength: 4
      case .tsharkLine: 5
      case .tsharkDetails: 6
      case .tsharkDocument: 7
      case .hexDump: 8
      case .ipvsTable: 9
      case .kubernetes: 10
      case .json: 11
      case .interfaces: 12
      case .firewall: 13
      case .otherPackets: 14
      }
    }
  }

  public var form: Form
  public var line: UInt64
  /// The line, or its beginning.
  public var found: String

  private static let mostShown = 100

  init(form: Form, line: UInt64, text: ArraySlice<UInt8>) {
    (self.form, self.line) = (form, line)
    let shown = text.prefix(Self.mostShown).prefix { $0 != 0x0a }
    found = String(decoding: shown.map { 0x20..<0x7f ~= $0 || $0 >= 0x80 ? $0 : 0x2e }, as: UTF8.self)
  }

  /// The nearer of two, where the line is of a form that is known.
  static func nearer(_ known: NearestText?, _ line: ArraySlice<UInt8>, number: UInt64) -> NearestText? {
    guard let form = Form(line), known.map({ form.rank < $0.form.rank }) ?? true else { return known }
    return NearestText(form: form, line: number, text: line)
  }
}

extension NearestText.Form {
  /// `10.1.10.100`, `10.1.10.100.40001`, `10.1.10.100:40001`.
  private static func addresses(in line: ArraySlice<UInt8>) -> Int {
    line.prefix(1000).split { $0 == 0x20 || $0 == 0x09 || $0 == 0x2c }.count { word in
      let word = word.last == 0x3a ? word.dropLast() : word
      return PrintedAddress(word) != nil || PrintedAddress(word.prefix { $0 != 0x3a }) != nil
    }
  }

  fileprivate init?(_ line: ArraySlice<UInt8>) {
    let has = { (word: StaticString) in TextScanner(line).contains(word) }
    var scanner = TextScanner(line)
    scanner.skipBlanks()
    let begins = { (word: StaticString) in scanner.begins(with: word) }
    if has(" > "), has("Flags [") || has("ethertype ") || has(": UDP, length ") || has(": ICMP") {
      self = .partOfPacket
    } else if has(" \u{2192} ") {
      self = .tsharkLine
    } else if begins("Frame "), has(" bytes ") {
      self = .tsharkDetails
    } else if has("\"layers\"") || has("\"_index\"") || begins("<pdml") || begins("<psml") {
      self = .tsharkDocument
    } else if begins("0x0000:") || begins("0000  ") {
      self = .hexDump
    } else if begins("IP Virtual Server version ") || begins("-> RemoteAddress:Port") {
      self = .ipvsTable
    } else if begins("apiVersion:") {
      self = .kubernetes
    } else if begins("{") || begins("[{") || begins("[ {") {
      self = .json
    } else if begins("inet ") || begins("inet6 ") || begins("link/ether ") {
      self = .interfaces
    } else if begins("*filter") || begins("*mangle") || begins("*nat") || begins("table inet ") || begins("table ip ") {
      self = .firewall
    } else if has("->") || has("<-"), Self.addresses(in: line) > 1 {
      self = .otherPackets
    } else {
      return nil
    }
  }
}

extension NearestText: CustomStringConvertible {
  public var description: String {
    "line \(line): expected a packet as tcpdump -e -nn prints it, or a pcap or pcapng file, found \"\(found)\": "
      + words
  }

  private var words: String {
    switch form {
    case .tsharkFields(let missing):
      "tshark's fields without \(missing.prefix(6).joined(separator: ", "))"
        + "\(missing.count > 6 ? " and \(missing.count - 6) more" : ""); print them with \(PrintedField.command)"
    case .unreadPacket: "the line of a packet that cannot be read; print it with -nn, so that addresses are numbers"
    case .quickPacket: "a segment of which -q left out flags and numbers; print it without -q"
    case .partOfPacket: "part of a packet's line; print each packet with -e -nn"
    case .tsharkLine:
      "a line of tshark's without ports or without columns that are needed; give the file itself, or print it with "
        + ColumnLine.command
    case .tsharkWithoutLength:
      "a line of tshark's without the column Length, which tells whether a VLAN tag or a tunnel is around its packet; give the file "
        + "itself, or print it with " + ColumnLine.command
    case .tsharkHidden:
      "a line of tshark's that leaves out what its packet is in, a VLAN tag or a tunnel; give the file itself, or print it with "
        + PrintedField.command
    case .tsharkDetails:
      "the details of a packet that cannot be read; export them with all trees expanded, print them with \(DetailTree.command), or "
        + "give the file itself"
    case .tsharkDocument:
      "packets as tshark's -T json, ek and pdml print them; give the capture file itself, or print it with "
        + PrintedField.command
    case .otherPackets:
      "packets as another program prints them; give the capture file itself, which most such programs can export, or what "
        + "tcpdump -e -nn prints"
    case .hexDump: "bytes without their packet; print them with tcpdump -e -nn -XX, or give the file itself"
    case .ipvsTable: "an IPVS table; give it with --ipvs"
    case .kubernetes: "a manifest; give it with --kubernetes"
    case .json: "JSON, which is no capture; declarations are given with --as3, what hosts print with --host"
    case .interfaces: "a host's addresses; give its folder with --host"
    case .firewall: "a host's firewall; give it with --fwmark, or in its folder with --host"
    }
  }
}
