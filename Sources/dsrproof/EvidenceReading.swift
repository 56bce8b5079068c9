import Capture
import Checks
import Evidence
import EvidenceFile
import Report

/// A file that `-r` names, once it was read: frames that were made evidence, or evidence that was kept.
///
/// Indirect, for it is large: else the compiler writes out its copying again in each type that holds one.
indirect enum GatheredFile: Sendable {
  case capture(CaptureReading)
  case evidence(CaptureInput, EvidenceFile)

  /// How many frames were taken one by one.
  var frames: Int {
    guard case .capture(let reading) = self else { return 0 }
    return reading.frames
  }

  /// What it shows: of kept evidence each capture in it. `services` are those that were named.
  func parts(for services: [ServicePattern]) throws(Failure) -> [CapturePart] {
    switch self {
    case .capture(let reading): return [reading.part]
    case .evidence(let input, let file):
      var parts: [CapturePart] = []
      for capture in file.captures {
        do throws(EvidenceFileError.Fault) {
          parts.append(try capture.part)
        } catch {
          throw Failure(EvidenceFileError(path: input.path, fault: error))
        }
      }
      try input.rename(&parts)
      for index in parts.indices {
        parts[index].noteSight(of: services)
        parts[index].note(evidenceFile: input.path)
      }
      return parts
    }
  }
}

extension CaptureInput {
  /// Gives what a file of evidence holds the name that the user gave the file.
  fileprivate func rename(_ parts: inout [CapturePart]) throws(Failure) {
    let names = Set(parts.map(\.name))
    if let name, names.count > 1 {
      let places = names.map { $0 ?? "one without a name" }.sorted().joined(separator: ", ")
      throw .usage("\(path) holds evidence of several places (\(places)), which cannot all be \(name)")
    }
    for index in parts.indices {
      if let name { parts[index].name = name }
      // What came out of a pipe has no name of its own.
      if parts[index].path.isEmpty { parts[index].rename(path) }
    }
  }
}

extension CapturePart {
  /// What is read of a capture depends on the services only in this: whether its filters let both directions of their flows
  /// pass. Of an anonymised one that was told before, of all flows.
  fileprivate mutating func noteSight(of services: [ServicePattern]) {
    guard keyIdentifier == nil else { return }
    note(showsBothDirections: hasSight(of: services))
  }

  /// Whether both directions of every flow to the services would be seen.
  func hasSight(of services: [ServicePattern]) -> Bool {
    isWhole
      && FilterSight.showsBothDirections(
        zip(filters, interfaces).map { ($0, $1.linkType) }, of: evidence, services: services)
  }
}

extension [GatheredFile] {
  /// All that they show, each capture under a path of its own: those of several hosts may have one name.
  func parts(for services: [ServicePattern]) throws(Failure) -> [CapturePart] {
    var parts: [CapturePart] = []
    var known: Set<String> = []
    for file in eachCaptureOnce {
      for var part in try file.parts(for: services) {
        let plain = part.path
        if case .evidence(let input, _) = file, known.contains(plain) { part.rename("\(plain) (\(input.path))") }
        var number = 2
        while !known.insert(part.path).inserted {
          part.rename("\(plain) (\(number))")
          number += 1
        }
        parts.append(part)
      }
    }
    if Set(parts.map(\.keyIdentifier)).count > 1 {
      throw .usage(
        "some of these captures were anonymised and others not, or with another key: no address of one is that of another;"
          + " anonymise all of them with one key")
    }
    if Set(parts.map(\.evidence).filter(\.isSample).map(\.sampling.key)).count > 1 {
      throw .usage(
        "these captures hold samples that were chosen by different numbers: a flow of one may be missing in the other;"
          + " give all of them one --sampling-key")
    }
    do throws(EvidenceFileError.Fault) {
      for copies in try parts.copies { tellOfCopies(copies.map(\.path)) }
    } catch {
      throw .cannotRun("cannot compare these captures: \(error)")
    }
    return parts
  }

  /// Without what two files of evidence have in common: one capture from one path counts once, and that is told.
  var eachCaptureOnce: [GatheredFile] {
    var known: Set<KeptCapture> = []
    return map { file in
      guard case .evidence(let input, let kept) = file else { return file }
      let captures = kept.captures.filter { capture in
        let isNew = known.insert(capture).inserted
        if !isNew { complain("the evidence of \(capture.title) is given twice: it counts once") }
        return isNew
      }
      return .evidence(input, EvidenceFile(captures))
    }
  }
}

extension KeptCapture {
  /// What to call it.
  var title: String { path.isEmpty ? name ?? "a capture without a name" : path }
}

/// Whoever gives one capture twice is to know: it stands for two places.
func tellOfCopies(_ titles: [String]) {
  let most = 4
  let rest = titles.count > most ? ", and \(titles.count - most) more" : ""
  complain(
    "\(titles.prefix(most).joined(separator: ", "))\(rest) hold the same evidence: if that is one capture, give it once"
  )
}

extension InputOptions {
  /// Nothing tells the frames apart that kept evidence was made of.
  fileprivate func refuseToPick(from path: String) throws(Failure) {
    if let filter {
      throw .usage("\(path) holds evidence, and no frames that a filter (\(filter)) could hide: filter the capture")
    }
    if frameLimit != nil {
      throw .usage("\(path) holds evidence, and no frames that -c could count: count those of the capture")
    }
  }
}

extension EvidenceFile {
  /// Reads one that was opened.
  init(_ file: OtherFile, _ input: CaptureInput, _ options: InputOptions) throws(Failure) {
    try options.refuseToPick(from: input.path)
    let bytes: [UInt8]
    do throws(CaptureError) {
      bytes = try file.bytes()
    } catch {
      throw Failure(error)
    }
    do throws(EvidenceFileError.Fault) {
      try self.init(bytes)
    } catch {
      throw Failure(EvidenceFileError(path: input.path, fault: error))
    }
  }
}

extension Failure {
  init(_ error: EvidenceFileError) { self = .cannotRun("\(error)".withoutControls) }
}
