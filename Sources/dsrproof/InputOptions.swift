import ArgumentParser
import Checks
import Platform
import Wire

/// What to read: tcpdump's letters mean what they mean there.
struct InputOptions: ParsableArguments {
  @Option(
    name: .customShort("r", allowingJoined: true),
    help: ArgumentHelp(
      """
      Read this capture: pcap or pcapng, also compressed with gzip or zstd, what tcpdump -e -nn or tshark printed of one, or its \
      evidence; - is standard input, a folder stands for the captures in it. Repeat it for captures from several places; files that follow may be named right behind it. \
      A name before it, as in lb=lb.pcap, is that of the place; files with one name are parts of one capture.
      """, valueName: "[name=]file"),
    completion: .file())
  var captures: [String] = []

  @Option(
    name: .customShort("c", allowingJoined: true),
    help: ArgumentHelp("Stop after this many frames.", valueName: "count"),
    transform: positive(argument:))
  var frameLimit: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      The service to look at: 10.1.10.10, 10.1.10.10:80, udp://10.1.10.10:53, [fd00:10::10]:443. A port without \
      a protocol is TCP's; an address alone stands for every port. Repeat it for several; without it, services are found.
      """, valueName: "vip"),
    transform: ServicePattern.init(argument:))
  var vip: [ServicePattern] = []

  @Option(
    name: .customLong("tunnel"),
    help: ArgumentHelp(
      "Look for this tunnel at this UDP port too, as gue:19523 or fou:5555. Repeat it for several.",
      valueName: "kind:port"),
    transform: TunnelPort.init(argument:))
  var tunnels: [TunnelPort] = []

  @Option(
    name: .customShort("s", allowingJoined: true),
    help: ArgumentHelp(
      """
      Keep so many bytes of each frame that is captured live. A file keeps the length that it was written with. \
      0 stands for all of it. (default: 256, enough for every header)
      """, valueName: "snaplen"),
    transform: snapLength(argument:))
  var snapLength: Int?

  @OptionGroup var live: LiveOptions

  @OptionGroup var memory: MemoryOptions

  @OptionGroup var threading: ThreadOptions

  @Option(
    name: .customShort("F", allowingJoined: true),
    help: ArgumentHelp("Read the capture filter from this file, as tcpdump does.", valueName: "file"),
    completion: .file())
  var filterFile: String?

  @Flag(
    name: [.customShort("n"), .customShort("e"), .customShort("l"), .customShort("U")],
    help: "Accepted as in tcpdump, without effect: no names are looked up, MACs are always read, nothing waits.")
  var accepted: Int

  @Flag(help: "Accepted as in tcpdump, with a word: no packets are printed.")
  var printing: [PacketPrinting] = []

  /// tcpdump's options for how it prints packets.
  enum PacketPrinting: String, EnumerableFlag {
    case text = "A"
    case hexAndText = "X"
    case hex = "x"
    case quiet = "q"

    static func name(for value: PacketPrinting) -> NameSpecification { .customShort(Character(value.rawValue)) }
  }

  @Argument(
    help: ArgumentHelp(
      "A capture filter, as for tcpdump. Words before it that name captures are read, as after -r.",
      valueName: "expression"))
  var words: [String] = []

  /// How many of the words name captures, as a shell makes them of `-r ring_*`.
  private var capturesAmongWords: Int {
    captures.isEmpty ? 0 : words.prefix(while: CaptureInput.isCapture(named:)).count
  }

  /// The words of the filter, which the shell may have split.
  var expression: [String] {
    get { Array(words.dropFirst(capturesAmongWords)) }
    set { words = words.prefix(capturesAmongWords) + newValue }
  }

  /// What to read, each file once.
  var inputs: [CaptureInput] {
    get throws(Failure) { try CaptureInput.all(captures + words.prefix(capturesAmongWords)) }
  }

  var filter: String? { expression.isEmpty ? nil : expression.joined(separator: " ") }

  /// Where tunnels are looked for; `validate` has tried it.
  var tunnelPorts: TunnelPorts { (try? TunnelPorts(adding: tunnels)) ?? .standard }

  mutating func validate() throws {
    _ = try TunnelPorts(adding: tunnels)
    if let option = printing.first { complain("-\(option.rawValue): this prints no packets; tcpdump -r FILE does") }
    if let filterFile { try readFilter(filterFile) }
    if !captures.isEmpty, !live.interfaces.isEmpty {
      throw ValidationError("Captures are read (-r) or made (-i), not both at once.")
    }
  }

  /// For a command that reads nothing else.
  func requireCapture() throws {
    guard captures.isEmpty, live.interfaces.isEmpty, !live.listInterfaces, !live.printFilter else { return }
    if let word = words.first, fileStatus(word) != nil {
      throw ValidationError("No capture is named. Did you mean -r \(word)?")
    }
    throw ValidationError(
      "No capture is named. Give one with -r FILE, or -r - for standard input; or capture live with -i INTERFACE.")
  }
}

extension InputOptions {
  private static let longestFilter = 1 << 20

  /// What stands behind a `#` says nothing, as in pcap's own files.
  private mutating func readFilter(_ path: String) throws {
    guard expression.isEmpty else {
      throw ValidationError("The filter is given with -F \(path) and as words: one of them is enough.")
    }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try OpenFile(reading: path).readAll(limit: Self.longestFilter)
    } catch {
      throw ValidationError("-F \(path): cannot read: \(error)")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    expression = lines.map { String($0.prefix { $0 != "#" }) }.filter { !$0.allSatisfy(\.isWhitespace) }
    if expression.isEmpty { throw ValidationError("-F \(path): expected a filter, found none.") }
  }
}

/// Who is who, as the user knows it.
struct StationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A MAC address of the balancer. Repeat it for several.", valueName: "mac"),
    transform: unicastMAC(argument:))
  var balancerMAC: [MACAddress] = []

  @Option(
    help: ArgumentHelp(
      "A backend's own address, and its MAC if it is known. Repeat it for several.",
      valueName: "address[=mac]"),
    transform: Policy.Backend.init(argument:))
  var backend: [Policy.Backend] = []

  /// The command line joins the file.
  func policy(for services: [ServicePattern], beside config: Config) -> Policy {
    var policy = Policy()
    policy.services = services.isEmpty ? config.services : services
    policy.names = config.names
    policy.stationNames = config.stationNames
    policy.balancerMACs = Set(config.balancerMACs + balancerMAC)
    var known: Set<Policy.Backend> = []
    policy.backends = (config.backends + backend).filter { known.insert($0).inserted }
    policy.severities = config.severities
    policy.waivers = Waivers(config.waivers, on: .today)
    return policy
  }

  /// One MAC is one station's.
  func refuseContradictions(in policy: Policy) throws(Failure) {
    for backend in policy.backends {
      if let mac = backend.mac, policy.balancerMACs.contains(mac) {
        throw .usage("\(mac) is named as the balancer's and as backend \(backend.address)'s: it can be one of them")
      }
    }
  }
}

/// What the user knows about the set-up, and asks of a proof.
struct PolicyOptions: ParsableArguments {
  @OptionGroup var stations: StationOptions

  @Option(help: ArgumentHelp("Where the captures stood; without it, that is inferred.", valueName: "vantage"))
  var vantage: Vantage?

  @Option(
    help: ArgumentHelp("Fewer flows seen direct than this are no proof. (default: 1)", valueName: "count"),
    transform: positive(argument:))
  var minFlows: Int?

  @Option(
    help: ArgumentHelp("A pass by a weaker proof than this is inconclusive. (default: mac-pair)", valueName: "proof"))
  var proof: ServiceVerdict.Proof?

  @Option(
    help: ArgumentHelp(
      "A larger share of frames lost than this, in percent, leaves open what would pass. (default: 1)",
      valueName: "percent"),
    transform: percent(argument:))
  var maxDrops: Double?

  @Option(
    help: ArgumentHelp(
      "A larger share of background among the flows than this, in percent, leaves open what would pass. (default: 100)",
      discussion: "Background are SYNs that nobody repeats, of addresses that complete no handshake: scans, floods.",
      valueName: "percent"),
    transform: percent(argument:))
  var background: Double?

  /// The command line wins over the file in what has one value, and joins it in the rest.
  func policy(for services: [ServicePattern], beside config: Config = Config()) -> Policy {
    var policy = stations.policy(for: services, beside: config)
    policy.vantage = vantage ?? config.vantage
    policy.minimumFlows = minFlows ?? config.minimumFlows ?? 1
    policy.minimumFlowsOfServices = minFlows == nil ? config.minimumFlowsOfServices : [:]
    policy.minimumProof = proof ?? config.minimumProof
    policy.minimumProofOfServices = proof == nil ? config.minimumProofOfServices : [:]
    policy.maximumDrops = (maxDrops ?? config.maximumDrops ?? 1) / 100
    policy.maximumBackground = (background ?? config.maximumBackground ?? 100) / 100
    return policy
  }
}

/// Where to write the report.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .customShort("o", allowingJoined: true),
    help: ArgumentHelp("Write the report to this file, whole or not at all.", valueName: "file"),
    completion: .file())
  var path: String?
}
