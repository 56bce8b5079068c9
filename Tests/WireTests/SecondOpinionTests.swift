import Foundation
import TestSupport
import Testing
import Wire

/// What tshark says of the same frames.
@Suite struct SecondOpinionTests {
  @Test func noCaptureIsLeftOut() {
    #expect(Repository.captures.count > 250)
    #expect(CaptureBundle.fixtures.flatMap(\.parts).map(\.path).sorted() == Repository.captures)
    #expect(CaptureBundle.fixtures.allSatisfy { $0.parts.allSatisfy { $0.frames > 0 } })
  }

  @Test(arguments: CaptureBundle.fixtures)
  func everyFrameOfEveryFixtureReadsAsTsharkReadsIt(bundle: CaptureBundle) throws {
    let folder = try TemporaryFolder()
    try compare(try folder.file("bundle.pcap", Data(bundle.bytes)), name: bundle.origin(of:))
  }

  /// The formats that no fixture may hold: the hand-written frames of `RobustnessTests`, one file a link type.
  @Test(arguments: LinkType.allCases.filter { type in RobustnessTests.frames.contains { $0.0 == type } })
  func handWrittenFramesReadAsTsharkReadsThem(linkType: LinkType) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("dsrproof-\(UUID()).pcap")
    defer { try? FileManager.default.removeItem(at: file) }
    let frames = RobustnessTests.frames.filter { $0.0 == linkType }.map(\.1)
    try Data(PcapFile(linkType: linkType, frames: frames).encoded).write(to: file)
    try compare(file, name: { "hand-written \(linkType) frame \($0 + 1)" })
  }

  private func compare(_ file: URL, name: (Int) -> String) throws {
    let capture = try #require(PcapFile(Array(try Data(contentsOf: file))), "\(file.path) is no pcap file")
    let rows = try Tshark.read(file)
    try #require(rows.count == capture.frames.count, "\(file.path): tshark reads another number of frames")
    for (index, (frame, row)) in zip(capture.frames, rows).enumerated() {
      let dissection = Dissection(frame.bytes.span, linkType: capture.linkType, wireLength: frame.wireLength)
      var ours = Opinion(dissection)
      var theirs = Opinion(row, like: dissection)
      if dissection.stop?.reason == .captureEnded { Opinion.keepCommon(&ours, &theirs) }
      #expect(ours == theirs, "\(name(index)) (\(row[.protocols]))")
    }
  }
}

/// Both opinions on a frame in the same words.
private struct Opinion: Equatable {
  var ethernet: [MACAddress] = []
  var vlans: [UInt16] = []
  var addresses: [IPAddress] = []
  var hopLimit: UInt8?
  var ports: [UInt16] = []
  var tcp: [UInt32] = []
  var arp: [String] = []
  var icmp: [UInt8] = []
  var gateway: IPAddress?
  var quotedAddresses: [IPAddress] = []
}

extension Opinion {
  init(_ dissection: Dissection) {
    ethernet = [dissection.source, dissection.destination].compactMap { $0 }
    vlans = Array([dissection.vlan.outer, dissection.vlan.inner].prefix(Int(dissection.vlan.depth)))
    if let network = dissection.network {
      addresses = [network.source, network.destination]
      hopLimit = network.hopLimit
    }
    switch dissection.content {
    case .tcp(let header):
      ports = [header.sourcePort, header.destinationPort]
      tcp = [header.sequence, header.acknowledgment, UInt32(header.flags.rawValue), header.payloadLength]
    case .udp(let header):
      ports = [header.sourcePort, header.destinationPort]
    case .arp(let packet):
      arp = [
        "\(packet.operation)", packet.senderMAC.description, packet.senderIP.description, packet.targetMAC.description,
        packet.targetIP.description,
      ]
    case .icmpError(let error):
      icmp = [error.type, error.code]
      gateway = error.gateway
      if error.quoted.protocolNumber != 0 { quotedAddresses = [error.quoted.source, error.quoted.destination] }
    default: break
    }
  }

  /// Tunnels that tshark 4.0 reads as datagrams with data.
  private static let unknownToTshark: Set<Tunnel> = [.gue, .fou]

  /// `dissection` tells what tshark does not look into (GUE) or we do not (messages of ICMP other than errors).
  init(_ row: Tshark.Row, like dissection: Dissection) {
    // A bridged tunnel has Ethernet addresses and tags of its own, which come later.
    let isEthernet = row.layers.contains("eth")
    let isInside = dissection.encapsulation.hasOverlay || dissection.mirror != nil
    let macs = [row.all(.ethernetSource), row.all(.ethernetDestination)]
    let link = isEthernet ? macs.map { isInside ? $0.last : $0.first } : [row.all(.cookedSource).first]
    ethernet = link.compactMap { $0 }.compactMap(MACAddress.init)
    vlans = (row.all(.serviceVLAN) + row.all(.vlan)).compactMap { UInt16($0) }
    if row.layers.count(where: { $0 == "eth" }) > 1 {
      let depth = Int(dissection.vlan.depth)
      vlans = Array(isInside ? vlans.suffix(depth) : vlans.prefix(depth))
    }

    let layers = row.layers.prefix { $0 != "icmp" && $0 != "icmpv6" }
    let depth4 = layers.count(where: { $0 == "ip" })
    let depth6 = layers.count(where: { $0 == "ipv6" })
    if let last = layers.last(where: { $0 == "ip" || $0 == "ipv6" }) {
      let (source, destination, limit, depth): (Tshark.Field, Tshark.Field, Tshark.Field, Int) =
        last == "ip" ? (.source4, .destination4, .ttl, depth4) : (.source6, .destination6, .hopLimit, depth6)
      // Of a header that the capture cut, some fields are missing.
      addresses = [source, destination].compactMap { row.all($0).element(depth - 1) }.compactMap(IPAddress.init)
      hopLimit = row.all(limit).element(depth - 1).flatMap { UInt8($0) }
    }
    if !Self.unknownToTshark.isDisjoint(with: dissection.encapsulation.kinds) {
      // To tshark these are UDP datagrams with data.
      let ours = Opinion(dissection)
      addresses = ours.addresses
      hopLimit = ours.hopLimit
      ports = ours.ports
      tcp = ours.tcp
    } else if layers.contains("tcp") {
      ports = [row.all(.tcpSource), row.all(.tcpDestination)].compactMap { $0.first.flatMap { UInt16($0) } }
      tcp = [row.all(.sequence), row.all(.acknowledgment)].compactMap { $0.first.flatMap { UInt32($0) } }
      tcp += row.all(.flags).prefix(1).compactMap { UInt32($0.dropFirst(2), radix: 16) }.map { $0 & 0xff }
      // Of a first fragment tshark does not tell it.
      let length = row.all(.tcpLength).first.flatMap { UInt32($0) }
      if let length = dissection.network?.moreFragments == true ? dissection.tcp?.payloadLength : length {
        tcp.append(length)
      }
    } else if layers.contains("udp") {
      ports = [row.all(.udpSource), row.all(.udpDestination)].compactMap { $0.first.flatMap { UInt16($0) } }
    }

    if isInside, let frame = layers.lastIndex(of: "eth") {
      // In the frame inside, which may carry no packet, or one without ports.
      let inside = layers[frame...]
      if !inside.contains("ip"), !inside.contains("ipv6") { (addresses, hopLimit) = ([], nil) }
      if !inside.contains("tcp"), !inside.contains("udp") { ports = [] }
    }
    if layers.contains("arp") {
      let fields: [Tshark.Field] = [.operation, .senderMAC, .senderIP, .targetMAC, .targetIP]
      arp = fields.map { row[$0] }
    }
    if case .icmpError(let error) = dissection.content {
      icmp = (row.all(.icmpType) + row.all(.icmpv6Type)).prefix(1).compactMap { UInt8($0) }
      icmp += (row.all(.icmpCode) + row.all(.icmpv6Code)).prefix(1).compactMap { UInt8($0) }
      gateway = (row.all(.gateway) + (error.type == 137 ? row.all(.target6) : [])).first.flatMap { IPAddress($0) }
      // A redirect of ICMPv6 that quotes no packet.
      guard error.quoted.protocolNumber != 0 else { return }
      let isV4 = error.quoted.source.version == .v4
      quotedAddresses = [
        row.all(isV4 ? .source4 : .source6), row.all(isV4 ? .destination4 : .destination6),
      ]
      // tshark looks into quoted tunnels that carry frames, too.
      .map { error.quoted.isTunnelled ? $0.last : $0.element(isV4 ? depth4 : depth6) }
      .compactMap { $0 }.compactMap(IPAddress.init)
    }
  }
}

extension Opinion {
  /// Of a header that the capture cut, one reads fields that the other does not: what both read remains. What has to
  /// be read of such a header, the tests of each layer say.
  static func keepCommon(_ ours: inout Opinion, _ theirs: inout Opinion) {
    keepCommon(\.ethernet, &ours, &theirs)
    keepCommon(\.vlans, &ours, &theirs)
    keepCommon(\.addresses, &ours, &theirs)
    keepCommon(\.ports, &ours, &theirs)
    keepCommon(\.tcp, &ours, &theirs)
    keepCommon(\.arp, &ours, &theirs)
    keepCommon(\.icmp, &ours, &theirs)
    keepCommon(\.quotedAddresses, &ours, &theirs)
    if ours.hopLimit == nil { theirs.hopLimit = nil }
    if theirs.hopLimit == nil { ours.hopLimit = nil }
  }

  private static func keepCommon<Value>(
    _ field: WritableKeyPath<Opinion, [Value]>, _ ours: inout Opinion, _ theirs: inout Opinion
  ) {
    let count = min(ours[keyPath: field].count, theirs[keyPath: field].count)
    ours[keyPath: field].removeSubrange(count...)
    theirs[keyPath: field].removeSubrange(count...)
  }
}

extension Array {
  fileprivate func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

private enum Tshark {
  enum Field: String, CaseIterable {
    case protocols = "frame.protocols"
    case ethernetSource = "eth.src"
    case ethernetDestination = "eth.dst"
    case cookedSource = "sll.src.eth"
    case serviceVLAN = "ieee8021ad.id"
    case vlan = "vlan.id"
    case source4 = "ip.src"
    case destination4 = "ip.dst"
    case ttl = "ip.ttl"
    case source6 = "ipv6.src"
    case destination6 = "ipv6.dst"
    case hopLimit = "ipv6.hlim"
    case tcpSource = "tcp.srcport"
    case tcpDestination = "tcp.dstport"
    case sequence = "tcp.seq"
    case acknowledgment = "tcp.ack"
    case flags = "tcp.flags"
    case tcpLength = "tcp.len"
    case udpSource = "udp.srcport"
    case udpDestination = "udp.dstport"
    case operation = "arp.opcode"
    case senderMAC = "arp.src.hw_mac"
    case senderIP = "arp.src.proto_ipv4"
    case targetMAC = "arp.dst.hw_mac"
    case targetIP = "arp.dst.proto_ipv4"
    case icmpType = "icmp.type"
    case icmpCode = "icmp.code"
    case icmpv6Type = "icmpv6.type"
    case icmpv6Code = "icmpv6.code"
    case gateway = "icmp.redir_gw"
    case target6 = "icmpv6.nd.rd.target_address"
  }

  struct Row {
    var columns: [String]

    subscript(field: Field) -> String {
      Field.allCases.firstIndex(of: field).flatMap { $0 < columns.count ? columns[$0] : nil } ?? ""
    }

    /// Every occurrence, outermost first.
    func all(_ field: Field) -> [String] { self[field].split(separator: ",").map(String.init) }

    var layers: [String] { self[.protocols].split(separator: ":").map(String.init) }
  }

  static func read(_ file: URL) throws -> [Row] {
    // Frame by frame, by absolute numbers, and without what is left alone here.
    var arguments = ["-r", file.path, "-n", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
    for preference in ["tcp.relative_sequence_numbers", "ip.defragment", "ipv6.defragment"] {
      arguments += ["-o", "\(preference):FALSE"]
    }
    arguments += ["-d", "udp.port==8472,vxlan"]
    for tunnel in ["teredo", "gtp", "l2tp"] { arguments += ["--disable-protocol", tunnel] }
    arguments += Field.allCases.flatMap { ["-e", $0.rawValue] }

    let text = try CommandLineTool.output("tshark", arguments)
    return text.split(separator: "\n").map { line in
      Row(columns: line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
    }
  }
}

/// Just enough of the format for this test: draft-ietf-opsawg-pcap.
private struct PcapFile {
  var linkType: LinkType
  var frames: [(bytes: [UInt8], wireLength: Int)]

  init(linkType: LinkType, frames: [[UInt8]]) {
    self.linkType = linkType
    self.frames = frames.map { ($0, $0.count) }
  }

  init?(_ file: [UInt8]) {
    guard file.count >= 24 else { return nil }
    let isLittleEndian = file[0] == 0xd4 || file[0] == 0x4d
    func number(at offset: Int) -> Int {
      let octets = file[offset..<offset + 4]
      return (isLittleEndian ? octets.reversed() : Array(octets)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard [0xa1b2_c3d4, 0xa1b2_3c4d].contains(number(at: 0)),
      let type = LinkType(fileValue: UInt16(truncatingIfNeeded: number(at: 20)))
    else { return nil }
    linkType = type
    frames = []
    var offset = 24
    while offset + 16 <= file.count {
      let length = number(at: offset + 8)
      guard length <= file.count - offset - 16 else { return }
      frames.append((Array(file[offset + 16..<offset + 16 + length]), number(at: offset + 12)))
      offset += 16 + length
    }
  }

  var encoded: [UInt8] {
    func be32(_ value: Int) -> [UInt8] { be16(value >> 16) + be16(value) }
    let header = be32(0xa1b2_c3d4) + be16(2) + be16(4) + be32(0) + be32(0) + be32(262144)
    return frames.reduce(into: header + be32(Int(linkType.rawValue))) { file, frame in
      file += be32(0) + be32(0) + be32(frame.bytes.count) + be32(frame.wireLength) + frame.bytes
    }
  }
}
