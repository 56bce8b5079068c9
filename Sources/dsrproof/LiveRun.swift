import Capture
import Checks
import Evidence
import Platform
import Report
import Tables
import Wire

/// Captures live until it is told to end, and gathers evidence.
final class LiveRun {
  private let options: LiveOptions
  private let frameLimit: Int
  private let policy: Policy
  private let tables: Tables
  private let interfaces: [LiveInterface]
  private let saved: SavedCapture?
  /// Root goes when the outputs are open.
  private let isRootStill: Bool
  private let view: LiveView
  /// The filter is ours alone, which hides no direction.
  private let hasOwnFilter: Bool

  private let targets: [ServicePattern]
  private let probes = Probes()

  private(set) var evidence: Evidence
  private var capture = 0
  private var frames: UInt64 = 0
  private var lost: String?

  /// Opens the interfaces, and then gives up what that needed. `showsFrames`: the report will show some of the frames.
  init(_ input: InputOptions, policy: Policy, tables: Tables, showsFrames: Bool = false) throws(Failure) {
    options = input.live
    evidence = Evidence(
      tunnelPorts: input.tunnelPorts,
      flowLimit: input.memory.flowLimit(ofInputs: 1, byDefault: MemoryOptions.standard),
      samplingKey: input.memory.samplingKey, watched: Set(input.vip.map(\.address)))
    frameLimit = input.frameLimit ?? .max
    self.policy = policy
    self.tables = tables
    interfaces = try input.openInterfaces(beside: tables)
    hasOwnFilter = input.expression.isEmpty
    targets = try input.live.probes.targets(among: input.vip)
    if input.live.probes.neighbourProbe, input.vip.isEmpty {
      throw .usage("--neighbour-probe needs the address to ask for: --vip")
    }
    isRootStill = try !dropPrivileges(to: input.live.user)
    let keeps = input.live.savePath != nil || showsFrames
    saved = keeps ? try SavedCapture(path: input.live.savePath, interfaces: interfaces.descriptions) : nil
    view = LiveView(isVerbose: input.live.verbose)
  }

  /// Captures to the end of the run, whose results go to `outputs`.
  func run(writing outputs: [Output]) throws(Failure) {
    if isRootStill { try dropRoot(writing: outputs + [saved?.output].compactMap(\.self)) }
    Signals.listen()
    capture = evidence.beginCapture(path: name)
    noteEnd()
    options.warn(about: vips)
    if options.verbose || !view.isTerminal {
      complain(
        options.listening(
          on: interfaces, for: policy.services, frameLimit: frameLimit == .max ? nil : frameLimit))
    }
    let clock = ContinuousClock()
    let start = clock.now
    var judged = start
    var pause = Duration.seconds(1)
    var quietSince: ContinuousClock.Instant?
    if let kind = options.probes.probe { probes.start(kind, at: targets, options.probes) }
    if options.probes.neighbourProbe { try askNeighbours() }
    let reading = LiveReading(interfaces, frameLimit: frameLimit)
    reading.start()
    defer { reading.end() }
    while !reading.hasEnded, !Signals.wantEnd {
      try take(reading.next(), of: reading)
      let now = clock.now
      if let duration = options.duration, now - start >= duration { break }
      // Without another end a run ends a second after what it asked for itself.
      if options.makesTraffic, haveProbesEnded {
        quietSince = quietSince ?? now
        if options.hasNoOtherEnd || hasLostPass, let quietSince, now - quietSince >= .seconds(1) { break }
      }
      let isAsked = Signals.takeStatusRequest()
      guard isAsked || now - judged >= pause else { continue }
      judged = now
      // No frame is lost for a view alone.
      let isForView = view.isShown && !reading.isBehind
      guard isAsked || options.flows != nil || options.untilVerdict || isForView else { continue }
      noteEnd()
      let verdict = verdict
      if isAsked { view.say(verdict, frames: frames, after: now - start) }
      view.update(verdict, frames: frames, after: now - start)
      if isEnough(verdict) { break }
      // Judging takes longer the more there is: it may take a tenth of the time.
      pause = max(.seconds(1), (clock.now - now) * 10)
    }
    reading.end()
    while !reading.hasEnded { try take(reading.next(), of: reading) }
    lost = reading.lost
    view.erase()
    noteEnd()
    if options.probes.neighbourProbe { tellOwners() }
  }

  /// The verdict on what has come so far.
  var verdict: Verdict { judge(evidence, beside: tables, probes: probes.done, under: policy) }

  /// The frames are counted in the order of the file that keeps them, so the capture is named by it.
  private var name: String { options.savePath ?? interfaces.map(\.name).joined(separator: ",") }

  /// What was captured, where it can be read again.
  var sources: [Exemplars.Source] {
    get throws(Failure) {
      guard let saved else { return [] }
      return [Exemplars.Source(name: name, path: name, descriptor: try saved.written())]
    }
  }

  /// Writes the capture that the user keeps, with what the verdict says of its frames and the kernel counted.
  func keep(_ verdict: Verdict) throws {
    try saved?.finish(
      with: verdict, statistics: interfaces.map(\.statistics), isWhole: options.showsBothDirections)
  }

  private func isEnough(_ verdict: Verdict) -> Bool {
    let decided = verdict.services.reduce(0) { $0 + $1.flows.total - $1.flows.undecided }
    if let flows = options.flows, decided >= flows { return true }
    guard options.untilVerdict else { return false }
    switch verdict.outcome {
    // Whatever the other probes come to, a fault stays one.
    case .fail: return true
    // A probe that is still to come may fail.
    case .pass: return haveProbesEnded && decided >= policy.minimumFlows && options.flows == nil
    case .inconclusive: return false
    }
  }

  private var haveProbesEnded: Bool { options.probes.probe == nil || probes.isEnded }

  /// A probe failed, so that no other frame makes a pass: to wait for the verdict is to wait in vain.
  private var hasLostPass: Bool { options.untilVerdict && probes.done.contains(where: \.hasFailed) }

  /// Asks on every Ethernet who has the VIPs.
  private func askNeighbours() throws(Failure) {
    do throws(LiveCaptureError) {
      let all = try InterfaceDescription.all()
      for interface in interfaces where interface.linkType == .ethernet {
        guard let own = all.first(where: { $0.name == interface.name }) else { continue }
        for vip in Set(vips).sorted() {
          guard let question = question(for: vip, on: own) else { continue }
          try interface.send(question.frame)
        }
      }
    } catch {
      throw Failure(error)
    }
  }

  private func question(for vip: IPAddress, on interface: InterfaceDescription) -> NeighbourQuestion? {
    do throws(NeighbourQuestion.Obstacle) {
      return try NeighbourQuestion(for: vip, on: interface, from: options.probes.probeFrom)
    } catch {
      switch error {
      case .noMAC: complain("\(interface.name): has no MAC to ask for \(vip) from: nobody is asked there")
      case .noAddress:
        complain("\(interface.name): no address to ask for \(vip) from; give one with --probe-from")
      }
      return nil
    }
  }

  /// All who answered for each VIP.
  private func tellOwners() {
    for vip in Set(vips).sorted() {
      let owners = Set(evidence.claims.keys.filter { $0.address == vip && $0.kind.isAnswer }.map(\.mac)).sorted()
      complain(
        owners.isEmpty
          ? "nobody answered for \(vip)"
          : "\(vip) is at \(owners.map(\.description).joined(separator: ", and at "))")
    }
  }

  private var vips: [IPAddress] { policy.services.map(\.address) }

  /// Adds a batch of frames, and gives it back.
  private func take(_ batch: consuming FrameBatch?, of reading: LiveReading) throws(Failure) {
    guard let batch = consume batch else { return }
    evidence.observe(
      batch.frames.span, in: batch.bytes.span, capture: capture, linkTypes: interfaces.map(\.linkType))
    frames += UInt64(batch.frames.count)
    try saved?.add(batch)
    reading.giveBack(consume batch)
  }

  /// What is known of the capture beside its frames, as far as the run has come.
  private func noteEnd() {
    let counts = interfaces.counts(lost: lost)
    evidence.endCapture(
      capture, linkTypes: uniqueInOrder(interfaces.map(\.linkType)), interfaces: interfaces.map(\.name),
      dropped: counts.droppedByKernel + counts.droppedByInterface, truncatedAt: nil,
      showsBothDirections: options.showsBothDirections
        && (hasOwnFilter
          || FilterSight.showsBothDirections(
            interfaces.map { ($0.filter ?? "", $0.linkType) }, of: evidence, services: policy.services)),
      live: counts)
  }
}

extension InputOptions {
  /// Opens the interfaces that are captured live.
  func openInterfaces(beside tables: Tables) throws(Failure) -> [LiveInterface] {
    raisePrivileges()
    var settings = LiveInterface.Options()
    if let snapLength { settings.snapLength = snapLength }
    if let size = live.bufferSize { settings.bufferSize = size << 10 }
    settings.isPromiscuous = !live.isSelfish
    settings.direction = live.direction ?? .inout
    var interfaces: [LiveInterface] = []
    for name in live.interfaces {
      do throws(LiveCaptureError) {
        interfaces.append(
          try LiveInterface(name: name, filter: { kernelFilter(beside: tables, on: $0) }, options: settings))
      } catch {
        throw Failure(error)
      }
    }
    return interfaces
  }

  /// What the kernel is asked for: what the services need, narrowed by the user's expression.
  func kernelFilter(beside tables: Tables, on linkType: LinkType, at vantage: Vantage? = nil) -> String? {
    let own = KernelFilter.expression(
      for: vip, beside: tables, on: linkType, tunnelPorts: tunnelPorts, at: vantage)
    guard let filter else { return own }
    return own.map { "(\($0)) and (\(filter))" } ?? filter
  }
}

extension Failure {
  init(_ error: LiveCaptureError) {
    switch error.fault {
    case .filterDoesNotCompile: self = .wrongFilter("\(error)")
    case .notPermitted: self = .cannotRun("\(error): \(permissionAdvice())")
    default: self = .cannotRun("\(error)")
    }
  }
}
