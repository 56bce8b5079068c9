import Foundation
import TestSupport
import Testing

/// What tshark says of the same flows: for each direction of every TCP flow the pairs of MACs, and the frames that bore
/// them. DSRPROOF_CAPTURES names a folder of further captures to compare.
@Suite struct FlowsSecondOpinionTests {
  @Test(arguments: CaptureBundle.fixtures)
  func flowsHaveTheMACsThatTsharkSees(bundle: CaptureBundle) throws {
    let folder = try TemporaryFolder()
    try compare(try folder.file("bundle.pcap", Data(bundle.bytes)).path, "\(bundle)")
  }

  private static let further: [String] = {
    guard let folder = ProcessInfo.processInfo.environment["DSRPROOF_CAPTURES"] else { return [] }
    let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.contains(/\.(pcap|pcapng|cap|trace|dmp)/) }.sorted().map { "\(folder)/\($0)" }
  }()

  @Test func flowsOfFurtherCapturesHaveTheMACsThatTsharkSees() throws {
    for path in Self.further { try compare(path, path) }
  }

  @Test func theFixturesHoldFlowsToCompare() throws {
    #expect(try Self.ours(Repository.fixture("lab/route/switch.pcap"))?.count ?? 0 >= 12)
    #expect(try Tshark.opinion(Repository.fixture("lab/route/switch.pcap")).sightings.count >= 12)
  }

  private func compare(_ path: String, _ name: String) throws {
    // What tshark reads and this tool refuses, it refuses as a whole and says so.
    guard let ours = try Self.ours(path) else { return }
    let theirs = try Tshark.opinion(path)
    for flow in Set(ours.keys).union(theirs.sightings.keys) where !theirs.excluded.contains(flow) {
      let (own, other) = (ours[flow, default: [:]], theirs.sightings[flow, default: [:]])
      if let own = ours[flow], own.isEmpty { continue }
      #expect(own == other, "\(flow) in \(name)")
    }
  }

  /// One direction of a flow.
  struct Direction: Hashable, CustomStringConvertible {
    var source: String
    var destination: String
    var description: String { "\(source) > \(destination)" }

    var reversed: Direction { Direction(source: destination, destination: source) }
  }

  struct MACPair: Hashable {
    var source: String
    var destination: String
  }

  typealias Sightings = [Direction: [MACPair: Int]]

  /// `nil` where the capture cannot be read.
  private static func ours(_ path: String) throws -> Sightings? {
    let result = try Executable.run("flows", "-r", path, "--format", "csv")
    if result.status == 2 { return nil }
    try #require(result.status == 0, "\(path): \(result.errors)")
    var sightings: Sightings = [:]
    // Flows of which some frames are in an overlay and others not: there the addresses around it tell.
    var (bare, wrapped): (Set<Direction>, Set<Direction>) = ([], [])
    let lines = result.output.split(separator: "\n").map { columns($0) }
    let header = try #require(lines.first)
    let column = { (name: String) in try #require(header.firstIndex(of: name)) }
    let (proto, half, tunnel, frames) = try (
      column("protocol"), column("half"), column("encapsulation"), column("frames")
    )
    let ends = try ["client", "clientPort", "server", "serverPort"].map(column)
    let macs = try (column("sourceMAC"), column("destinationMAC"))
    for line in lines.dropFirst() {
      try #require(line.count == header.count)
      // To tshark these are datagrams with data.
      guard line[proto] == "tcp", !line[tunnel].contains("gue") else { continue }
      let toServer = Direction(
        source: "\(line[ends[0]]) \(line[ends[1]])", destination: "\(line[ends[2]]) \(line[ends[3]])")
      let direction = line[half] == "request" ? toServer : toServer.reversed
      let isWrapped = Self.overlays.contains { line[tunnel].contains($0) }
      for end in [direction, direction.reversed] { if isWrapped { wrapped.insert(end) } else { bare.insert(end) } }
      let pair = MACPair(source: line[macs.0], destination: line[macs.1])
      sightings[direction, default: [:]][pair, default: 0] += try #require(Int(line[frames]))
    }
    for direction in bare.intersection(wrapped) { sightings[direction] = [:] }
    return sightings
  }

  private static let overlays = ["vxlan", "geneve", "gre", "etherip"]

  /// The fields of a line of CSV (RFC 4180).
  private static func columns(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  private enum Tshark {
    struct Opinion {
      var sightings: Sightings = [:]
      /// Flows of which some frame is one that tshark and this tool do not both look into.
      var excluded: Set<Direction> = []
    }

    private static let fields = [
      "frame.protocols", "eth.src", "eth.dst", "sll.src.eth", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
      "tcp.srcport", "tcp.dstport", "tcp.hdr_len", "tcp.flags",
    ]

    /// What may stand before TCP and is looked into by both.
    private static let known: Set<String> = [
      "eth", "sll", "null", "raw", "ethertype", "vlan", "ieee8021ad", "llc", "mpls", "pppoes", "ppp", "ip", "ipv6",
      "gre", "udp", "vxlan", "geneve", "erspan", "etherip",
    ]

    static func opinion(_ path: String) throws -> Opinion {
      // Frame by frame, and without the tunnels that are left alone here.
      var arguments = ["-r", path, "-n", "-Y", "tcp", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
      for preference in ["ip.defragment", "ipv6.defragment", "tcp.desegment_tcp_streams"] {
        arguments += ["-o", "\(preference):FALSE"]
      }
      arguments += ["-d", "udp.port==8472,vxlan"]
      for tunnel in ["teredo", "gtp", "l2tp"] {
        arguments += ["--disable-protocol", tunnel]
      }
      arguments += fields.flatMap { ["-e", $0] }
      var opinion = Opinion()
      for line in try CommandLineTool.output("tshark", arguments).split(separator: "\n") {
        let row = line.split(separator: "\t", omittingEmptySubsequences: false).map {
          $0.split(separator: ",").map(String.init)
        }
        guard row.count == fields.count else { continue }
        note(Dictionary(uniqueKeysWithValues: zip(fields, row)), in: &opinion)
      }
      return opinion
    }

    private static func note(_ row: [String: [String]], in opinion: inout Opinion) {
      let all = { (field: String) in row[field] ?? [] }
      let layers = all("frame.protocols").flatMap { $0.split(separator: ":").map(String.init) }
      let before = layers.prefix { $0 != "tcp" }
      // The TCP that an ICMP error quotes is no frame of that flow.
      if before.contains("icmp") || before.contains("icmpv6") { return }
      let isV6 = before.last { $0 == "ip" || $0 == "ipv6" } == "ipv6"
      let addresses = [all(isV6 ? "ipv6.src" : "ip.src").last, all(isV6 ? "ipv6.dst" : "ip.dst").last]
      let ports = [all("tcp.srcport").first, all("tcp.dstport").first]
      guard let source = addresses[0], let destination = addresses[1], let from = ports[0], let to = ports[1]
      else { return }
      let direction = Direction(source: "\(source) \(from)", destination: "\(destination) \(to)")
      let isReadByBoth =
        before.allSatisfy { known.contains($0) || $0.hasPrefix("ipv6.") } && layers.count { $0 == "tcp" } == 1
        && !layers.contains("icmp") && !all("tcp.flags").isEmpty && (Int(all("tcp.hdr_len").first ?? "") ?? 0) >= 20
      guard isReadByBoth else {
        opinion.excluded.formUnion([direction, direction.reversed])
        return
      }
      let pair = MACPair(
        source: all("eth.src").last ?? all("sll.src.eth").first ?? "", destination: all("eth.dst").last ?? "")
      opinion.sightings[direction, default: [:]][pair, default: 0] += 1
    }
  }
}
