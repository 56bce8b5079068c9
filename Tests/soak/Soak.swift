import ArgumentParser
import Foundation
import Simulator
import Synchronization

/// Simulates captures at random and holds each verdict against the truth.
@main
struct Soak: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Judge simulated captures, whose truth is known, and tell each wrong verdict.",
    discussion: """
      Every capture follows from one seed, which is printed where a verdict is wrong or missing: \
      soak --replay SEED --write FILE.pcap brings it back. Exit status 1 where a bar is missed.
      """)

  @Option(help: "How many captures.") var captures = 100_000
  @Option(help: "The seed of the whole run; drawn anew without it.") var seed: UInt64?
  @Option(help: "Stop after so many seconds, whatever was done by then.") var seconds: Double?
  @Option(help: "How many wrong or missing verdicts to tell in full.") var show = 20
  @Flag(help: "Tell undecided captures of which frames are missing, too.") var undecided = false
  @Flag(help: "Tell right verdicts, too.") var all = false
  @Option(help: ArgumentHelp("One capture again, by its seed.", valueName: "seed")) var replay: UInt64?
  @Option(
    help: ArgumentHelp("With --replay: write the capture there; of several, the next to FILE-2.", valueName: "file"))
  var write: String?
  @Option(
    help: ArgumentHelp("Judge captures of this kind alone; repeat it for more.", valueName: "kind"),
    transform: Soak.kind)
  var only: [Scenario.Kind] = []

  func run() throws {
    if let replay { return try tell(Trial(seed: replay)) }
    let base = seed ?? UInt64.random(in: .min ... .max)
    print("soak: \(captures) captures, --seed \(base)")
    let (table, kinds, done) = play(base)
    guard done > 0 else {
      print("soak: no capture was judged, so no bar is met")
      throw ExitCode(1)
    }
    print(table, kinds, separator: "\n\n")
    print("soak: \(done) captures, --seed \(base): \(table.isMet ? "every bar is met" : "a bar is missed")")
    if !table.isMet { throw ExitCode(1) }
  }

  private static func kind(_ name: String) throws -> Scenario.Kind {
    if let kind = Scenario.Kind(rawValue: name) { return kind }
    let known = Scenario.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("no such kind: \(name); there are \(known)")
  }

  private func play(_ base: UInt64) -> (Table, KindTable, Int) {
    let workers = ProcessInfo.processInfo.activeProcessorCount
    let deadline = seconds.map { Date().addingTimeInterval($0) }
    let total = Mutex((table: Table(), kinds: KindTable(), done: 0, shown: 0))
    let wanted = Set(only)
    let limit = show
    let count = captures
    let damaged = undecided
    let tellsAll = all
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      var table = Table()
      var kinds = KindTable()
      var done = 0
      // Of some kinds alone, as many: the numbers of others are passed over.
      for number in stride(from: worker, to: wanted.isEmpty ? count : .max, by: workers) {
        if let deadline, number % 64 < workers, Date() > deadline { break }
        if done >= (count - worker + workers - 1) / workers { break }
        let scenario = Scenario(drawnFrom: Scenario.seed(number, of: base))
        if !wanted.isEmpty, wanted.isDisjoint(with: scenario.kinds) { continue }
        let trial = Trial(scenario)
        table.add(trial)
        kinds.add(trial)
        done += 1
        guard let told = trial.complaint(ofDamaged: damaged) ?? (tellsAll ? trial.story : nil) else { continue }
        total.withLock { total in
          total.shown += 1
          if total.shown <= limit { print(told) }
        }
      }
      total.withLock {
        $0.table.merge(table)
        $0.kinds.merge(kinds)
        $0.done += done
      }
    }
    return total.withLock { ($0.table, $0.kinds, $0.done) }
  }

  private func tell(_ trial: Trial) throws {
    print(trial.story)
    guard let write else { return }
    let url = URL(filePath: write)
    for (number, bytes) in trial.files.enumerated() {
      let name = url.deletingPathExtension().lastPathComponent + (number > 0 ? "-\(number + 1)" : "")
      let file = url.deletingLastPathComponent().appending(component: name).appendingPathExtension(url.pathExtension)
      try Data(bytes).write(to: file)
    }
  }
}
