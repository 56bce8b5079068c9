import Capture
import Checks
import Evidence
import Platform
import Report
import Tables
import Wire

/// Takes frames, judges the window that they are in at the end of each of its steps, and passes on what has changed.
///
/// A class, for nobody copies it, and the compiler would write out how.
final class Watch {
  /// What the user knows beside the frames.
  struct Known {
    var policy: Policy
    var tables: Tables

    fileprivate var backendMACs: Set<MACAddress> { Set(policy.backends.compactMap(\.mac)) }
  }

  private var known: Known
  private let watching: WatchOptions
  private let isOwnFilter: Bool
  /// Nothing but a filter may hide one half of the flows.
  private let isWhole: Bool
  private var source: any FrameSource
  private let window: RollingWindow
  private var site: WatchedSite
  private var outputs: ChangeOutputs
  private var evidenceFolder: EvidenceFolder?
  private let duration: Duration?
  private var report: WatchReport
  private let pulse = Pulse()
  private let server: WatchServer?
  /// What the kernel had counted when the step began.
  private var counted = CaptureSummary.LiveCounts()

  /// A frame may be handed over so much later than it came, in seconds.
  private static let handOver = 0.3

  /// Opens what is watched and what is written, and then gives up what that needed.
  init(_ input: InputOptions, _ watching: WatchOptions, _ known: Known) throws {
    (self.known, self.watching) = (known, watching)
    (duration, isOwnFilter) = (input.live.duration, input.expression.isEmpty)
    isWhole = input.live.showsBothDirections
    outputs = try ChangeOutputs(watching)
    // What root alone may read, and a port that root alone may have, are there before it is given up.
    let socket = try watching.listen.map(ListeningSocket.init)
    let token = try watching.tokenFile.map(readToken)
    source = try input.frameSource(beside: known.tables)
    try outputs.check()
    let (tunnelPorts, key, watched) = (input.tunnelPorts, input.memory.samplingKey, Set(input.vip.map(\.address)))
    // A window has so many steps, and one more while they are put together. An hour's evidence has half of it.
    let memory = { (inputs: Int) in input.memory.flowLimit(ofInputs: inputs, byDefault: MemoryOptions.standard) }
    let limit = memory((watching.steps + 1) * (watching.evidence == nil ? 1 : 2))
    if let folder = watching.evidence {
      try checkFolder(folder, of: "--evidence")
      let hourLimit = memory(2)
      evidenceFolder = EvidenceFolder(
        path: folder, place: input.placeName ?? Platform.hostName ?? "localhost", name: source.name,
        isWhole: source.isLive && isWhole
      ) { Evidence(tunnelPorts: tunnelPorts, flowLimit: hourLimit, samplingKey: key, watched: watched) }
    }
    window = RollingWindow(
      length: watching.window / .seconds(1), steps: watching.steps, name: source.name,
      bytesKept: watching.keep == nil ? 0 : Self.bytesKept
    ) { Evidence(tunnelPorts: tunnelPorts, flowLimit: limit, samplingKey: key, watched: watched) }
    site = WatchedSite(steps: watching.steps)
    window.backends = known.backendMACs
    report = WatchReport(
      version: DSRProof.version, source: source.name, start: .now, window: watching.window / .seconds(1),
      steps: watching.steps)
    let (pulse, report, isLive) = (pulse, report, source.isLive)
    server = try socket.map { socket throws(Failure) in
      try WatchServer(socket, token: token, pulse: pulse, isLive: isLive, report)
    }
  }

  /// Of frames, for proofs.
  private static let bytesKept = 64 << 20

  /// Watches until a signal, or the end of what is read. `reread`: what is known of the site, as the files have it by then.
  func run(reread: () throws -> Known) throws -> [WatchedService] {
    // Whoever waits for a pipe hears no signal before its next frame, so there they end the run at once, as ever.
    if source.hearsSignals { Signals.listen(.readAnew) }
    // Also where what is read turns out to be damaged.
    defer { evidenceFolder?.end(source.counts) }
    let clock = ContinuousClock()
    let start = clock.now
    while !source.hasEnded, !Signals.wantEnd {
      pulse.beat(isWaiting: !source.hearsSignals)
      if let batch = try source.next() { take(batch) }
      if source.isLive {
        let now = Timestamp.now.shifted(byNanoseconds: Int64(-Self.handOver * 1e9))
        if window.isOver(at: now) { endStep(at: now) }
        evidenceFolder?.endHour(before: now, source.counts)
      }
      outputs.reap()
      if Signals.takeRereadRequest() { readAnew(reread) }
      if Signals.takeStatusRequest() { for service in site.services { complain(service.text) } }
      if let duration, clock.now - start >= duration { break }
    }
    source.end()
    while source.isLive, !source.hasEnded { if let batch = try source.next() { take(batch) } }
    judge(at: window.lastTime ?? .now)
    if let lost = source.counts?.lostInterface { throw Failure.cannotRun("watches no more: \(lost)") }
    return site.services
  }

  /// Adds frames, each to the step that it belongs to.
  private func take(_ batch: consuming FrameBatch) {
    window.use(source.interfaces)
    var first = 0
    for index in batch.frames.indices where window.isOver(at: batch.frames[index].time) {
      add(first..<index, of: batch)
      first = index
      endStep(at: batch.frames[index].time)
    }
    add(first..<batch.frames.count, of: batch)
    source.giveBack(batch)
  }

  private func add(_ range: Range<Int>, of batch: borrowing FrameBatch) {
    window.add(range, of: batch)
    evidenceFolder?.add(range, of: batch, source.interfaces, source.counts)
    report.tally.frames += UInt64(range.count)
  }

  /// Judges, and goes on with the next step, which begins at `time`.
  private func endStep(at time: Timestamp) {
    // No frame is lost for a judgement: the next one takes in what this one would have.
    if !window.isEmpty {
      if source.isBehind { leaveOut() } else { judge(at: time) }
    }
    window.begin(at: time)
  }

  private func judge(at time: Timestamp) {
    noteCounts()
    let verdict = Checks.judge(window.evidence, beside: known.tables, probes: [], under: known.policy)
    let changes = site.take(verdict, at: time, named: known.policy.services)
    for change in changes { outputs.tell(change, in: window) }
    pulse.judge()
    guard let server else { return }
    report.tally.lastFrame = window.lastTime
    report.add(verdict, at: time, services: site.services, changes: changes)
    server.show(report, isJudged: true, changes)
  }

  private func leaveOut() {
    guard let server else { return }
    report.tally.lastFrame = window.lastTime
    report.tally.judgementsLeftOut += 1
    server.show(report, isJudged: false, [])
  }

  private func noteCounts() {
    guard let counts = source.counts else { return }
    let step = counts.since(counted)
    counted = counts
    let lost = report.tally.drops ?? (0, 0)
    report.tally.drops = (lost.kernel + step.droppedByKernel, lost.interface + step.droppedByInterface)
    let (interfaces, services, isOwnFilter, isWhole) = (source.interfaces, known.policy.services, isOwnFilter, isWhole)
    window.note(step) { evidence in
      isWhole
        && (isOwnFilter
          || FilterSight.showsBothDirections(
            interfaces.map { ($0.filter ?? "", $0.linkType) }, of: evidence, services: services))
    }
  }

  /// The states stay. What the kernel is asked for stays too: services that were not watched need a new run.
  private func readAnew(_ reread: () throws -> Known) {
    outputs.reopen()
    do {
      let new = try reread()
      let added = new.policy.services.filter { !known.policy.services.contains($0) }
      if !added.isEmpty, source.isLive {
        complain("\(listed(added) { $0.url }) is new: its frames are captured after a restart alone")
      }
      known = new
      window.backends = new.backendMACs
      complain("read the configuration anew")
    } catch {
      complain("the configuration stays as it was: \(error)")
    }
  }
}

extension CaptureSummary.LiveCounts {
  /// What was counted since the kernel had counted `earlier`.
  func since(_ earlier: Self) -> Self {
    var rest = self
    rest.received -= min(earlier.received, received)
    rest.droppedByKernel -= min(earlier.droppedByKernel, droppedByKernel)
    rest.droppedByInterface -= min(earlier.droppedByInterface, droppedByInterface)
    return rest
  }
}

extension InputOptions {
  /// The name that the user gave the place: `lb` of `-r lb=-`.
  fileprivate var placeName: String? { live.interfaces.isEmpty ? (try? inputs)?.first?.name : nil }

  /// Opens it, and gives up what that needed.
  fileprivate func frameSource(beside tables: Tables) throws -> any FrameSource {
    if !live.interfaces.isEmpty {
      let interfaces = try openInterfaces(beside: tables)
      if try !dropPrivileges(to: live.user) { try dropRoot(writing: []) }
      live.warn(about: vip.map(\.address))
      complain(live.listening(on: interfaces, for: vip, frameLimit: nil))
      return LiveFrames(interfaces)
    }
    if captures.count == 1, fileStatus(captures[0])?.kind == .directory {
      return RingFrames(folder: captures[0], filter: filter)
    }
    let inputs = try inputs
    guard let input = inputs.first, inputs.count == 1 else {
      throw Failure.usage("watch reads one capture as it is written, or one folder of them: -r FILE, or -r FOLDER")
    }
    return PipedFrames(input, filter: filter)
  }
}

extension WatchedService {
  /// `tcp://10.1.10.10:80 pass since 2026-11-29T12:00:00Z: 12 flows, …`.
  var text: String {
    "\(service.url)\(name.map { " (\($0))" } ?? "") \(state.rawValue) since \(since.iso8601): \(latest.cause)"
  }
}
