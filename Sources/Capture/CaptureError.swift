import Platform
public import Wire

/// Why a capture cannot be read, or not further: which file, and what is wrong in it.
public struct CaptureError: Error, Hashable, Sendable {
  public var path: String
  public var fault: Fault

  public init(path: String, fault: Fault) {
    self.path = path
    self.fault = fault
  }

  /// What is wrong. Offsets count bytes from the start of the capture, after decompression; those of `decompression`
  /// and `unreadable` count bytes of the file itself.
  public enum Fault: Error, Hashable, Sendable {
    case cannotOpen(errno: Int32)
    case isDirectory
    case empty
    /// Neither pcap nor pcapng; with the file's first bytes.
    case notACapture(found: [UInt8])
    /// Packed by a program that is not ours to call.
    case packed(Packing)
    /// A text that shows what packets carry raw, as -A prints it: nobody can tell that from packets.
    case printedWithPayload(line: UInt64)
    /// A line below the heading of tshark's fields that has another number of them.
    case otherFields(line: UInt64, expected: Int, found: Int)
    /// Fields of several layers of which one value alone was printed.
    case fieldsOfOneLayer(line: UInt64, field: String)
    /// A second heading of tshark's fields, without these.
    case fieldsMissing(line: UInt64, [String])
    /// A line of tshark's whose columns of MACs are the other way round than before.
    case otherColumns(line: UInt64)
    /// A line of tshark's whose frame has room for a VLAN tag, where others may have hidden one behind what pads them.
    case hiddenTags(line: UInt64)
    /// A text in which no packet was read, with the line that looks most like one, or like something else that is known.
    case textWithoutPackets(NearestText)
    case headerCutShort(expected: Int, found: Int)
    case unsupportedVersion(format: String, offset: UInt64, major: UInt16, minor: UInt16)
    case unknownLinkType(UInt16, site: LinkTypeSite)
    /// A captured length that no writer of captures would give.
    case impossibleLength(frame: UInt64, offset: UInt64, length: UInt32)
    case impossibleBlock(offset: UInt64, BlockFault)
    /// A frame of an interface that its section did not describe; `described` is how many it did.
    case undescribedInterface(UInt32, frame: UInt64, offset: UInt64, described: Int)
    case unsupportedResolution(interface: Int, offset: UInt64, value: UInt8)
    case decompression(format: String, offset: UInt64, reason: String)
    case unreadable(offset: UInt64, errno: Int32)
    /// The file was made shorter while it was read: its size when it was opened, and where it ended.
    case shrank(from: UInt64, to: UInt64)
    /// A filter is compiled by libpcap, which is not on this host.
    case filterNeedsLibrary(expression: String)
    /// The user's filter expression, and not the file, is at fault.
    case filterDoesNotCompile(expression: String, linkType: LinkType, reason: String)
  }

  /// Where a file gives a link type.
  public enum LinkTypeSite: Hashable, Sendable {
    case fileHeader
    case interface(Int, name: String?)
  }

  /// How a pcapng block contradicts itself.
  public enum BlockFault: Hashable, Sendable {
    case byteOrderMagic(found: UInt32)
    case length(UInt32)
    case trailingLength(UInt32, expected: UInt32)
    case tooShort(UInt32, minimum: Int)
    case frameTooLong(UInt32, room: Int)
  }
}

extension CaptureError: CustomStringConvertible {
  /// One line: what was expected, what was found, and what to do about it.
  public var description: String {
    "\(path == "-" ? "standard input" : path): \(fault)"
  }
}

extension CaptureError.Fault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let errno):
      "cannot open: \(systemMessage(errno))"
    case .isDirectory:
      "is a directory: name the capture files in it"
    case .empty:
      "empty: expected a pcap or pcapng capture, found 0 bytes"
    case .notACapture(let found):
      "not a capture: expected a pcap or pcapng magic number at offset 0, found \(hexAndText(found))"
    case .packed(let packing):
      "packed with \(packing.rawValue): expected a capture, plain or packed with gzip or zstd; unpack it: \(packing.command) | "
        + "dsrproof -r -"
    case .printedWithPayload(let line):
      "line \(line): expected a packet, found what the one before carries, as -A prints it, which may look like packets; print "
        + "it with -XX"
    case .otherFields(let line, let expected, let found):
      "line \(line): expected \(expected) fields as in the heading, found \(found): a field holds what stands between them; print "
        + "no others than docs/capturing.md names, with tabs between"
    case .fieldsOfOneLayer(let line, let field):
      "line \(line): expected \(field) of each layer, found one: print without -E occurrence and -E aggregator"
    case .fieldsMissing(let line, let fields):
      "line \(line): expected the heading to have \(fields.joined(separator: ", ")) as well: print all fields"
    case .otherColumns(let line):
      "line \(line): expected the columns of MACs in the order as before, found the other one: give each text by itself"
    case .hiddenTags(let line):
      "line \(line): expected a frame as long as what is shown of it, found one with room for a VLAN tag, which such lines leave "
        + "out: give the file itself, or print it with \(PrintedField.command)"
    case .textWithoutPackets(let nearest): nearest.description
    case .headerCutShort(let expected, let found):
      "cut short in its header: expected \(expected) bytes, found \(found); there are no frames in it"
    case .unsupportedVersion(let format, let offset, let major, let minor):
      """
      \(format) version \(major).\(minor) at offset \(offset): expected version \(format == "pcap" ? "2.0 to 2.4" : "1.x"); \
      save it again with Wireshark
      """
    case .unknownLinkType(let number, let site):
      """
      link type \(number)\(LinkType.name(of: number).map { " (\($0))" } ?? "") \(site): expected \
      \(LinkType.allCases.filter { !$0.isText }.map(\.pcapName).joined(separator: ", ")); capture on another interface
      """
    case .impossibleLength(let frame, let offset, let length):
      """
      frame \(frame) at offset \(offset): expected at most \(maximumCapturedLength) captured bytes, found \(length); \
      the file is damaged here
      """
    case .impossibleBlock(let offset, let fault):
      "block at offset \(offset): expected \(fault); the file is damaged here"
    case .undescribedInterface(let interface, let frame, let offset, let described):
      """
      frame \(frame) at offset \(offset): expected one of the \(described) interfaces that its section describes, \
      found interface \(interface); the file is damaged here
      """
    case .unsupportedResolution(let interface, let offset, let value):
      """
      interface \(interface) at offset \(offset): expected a timestamp resolution of at finest 10^-19 or 2^-63 s, \
      found \(value & 0x80 == 0 ? "10" : "2")^-\(value & 0x7f) s; the file is damaged here
      """
    case .decompression(let format, let offset, let reason):
      "cannot decompress after offset \(offset) of the file: expected \(format) data, found \(reason); copy it again"
    case .unreadable(let offset, let errno):
      "cannot read at offset \(offset): \(systemMessage(errno))"
    case .shrank(let size, let end):
      """
      cut while it was read: expected \(size) bytes, as it had when it was opened, found \(end); read it when nobody \
      changes it
      """
    case .filterNeedsLibrary(let expression):
      "filter \"\(expression)\" \(PcapLibrary.advice); or leave the filter out"
    case .filterDoesNotCompile(let expression, let linkType, let reason):
      "filter \"\(expression)\" does not compile for link type \(linkType.pcapName): \(reason)"
    }
  }
}

extension CaptureError.LinkTypeSite: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fileHeader: "in the file header"
    case .interface(let index, let name): "of interface \(index)\(quoted(name))"
    }
  }

  private func quoted(_ name: String?) -> String {
    name.map { " (\($0))" } ?? ""
  }
}

extension CaptureError.BlockFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .byteOrderMagic(let found):
      "the byte-order magic 1a2b3c4d, found \(hex(found))"
    case .length(let found):
      "a length between 12 and \(PcapngFile.maximumBlockLength) that is a multiple of 4, found \(found)"
    case .trailingLength(let found, let expected):
      "its length \(expected) again at its end, found \(found)"
    case .tooShort(let found, let minimum):
      "a length of at least \(minimum) for its type, found \(found)"
    case .frameTooLong(let found, let room):
      "at most \(room) captured bytes, found \(found)"
    }
  }
}

private func hex(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}

/// `68656c6c ("hell")`, with a dot for every byte that is not printable ASCII.
private func hexAndText(_ bytes: [UInt8]) -> String {
  let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  let text = String(decoding: bytes.map { 0x20..<0x7f ~= $0 ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
  return "\(digits) (\"\(text)\")"
}
