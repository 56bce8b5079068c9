import ArgumentParser
import Checks
import Evidence
import EvidenceFile
import Platform

/// `dsrproof evidence`: what captures say, without their frames.
struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Keep what captures say of return paths, without their frames.",
    discussion: """
      Writes the evidence that the other commands take from a capture: who spoke to whom over which MACs and when, and \
      nothing that a packet carried. Such files are read like captures, and merge: the same captures give the same file, \
      in whatever order and grouping. docs/evidence.md describes the form.

      EXAMPLES
        dsrproof evidence -r be1=be1.pcap -o be1.evidence
            On the backend, in place of the capture.
        dsrproof evidence -r be1.evidence -r lb.evidence -o all.evidence
            Several in one file.
        dsrproof verify -r all.evidence --vip 10.1.10.10:80
            The verdict that the captures would give.
      """)

  @OptionGroup(title: "Input") var input: InputOptions
  @OptionGroup(title: "Output") var output: EvidenceOutputOptions

  func validate() throws {
    try input.requireCapture()
    try input.live.refuseCutting()
  }

  func run() throws {
    guard input.live.interfaces.isEmpty, !input.live.listInterfaces, !input.live.printFilter else {
      throw Failure.usage(
        "evidence is kept of captures: give them with -r, a live one as tcpdump -U -w - | dsrproof evidence -r -")
    }
    let output = try Output(path: output.path, besides: input.inputs.map(\.path))
    if output.isTerminal { throw Failure.usage("evidence is no text for a terminal: name a file with -o") }
    var anonymiser = try self.output.anonymiser
    var kept: [KeptCapture] = []
    let files = try gatherFiles(input)
    if self.output.citedAs != nil { try refuseSeveral(files) }
    for gathered in files.eachCaptureOnce {
      kept += try gathered.kept(&anonymiser, citedAs: self.output.citedAs)
    }
    let file = EvidenceFile(kept)
    for copies in try file.captures.copies { tellOfCopies(copies.map(\.title)) }
    output.write(bytes: file.bytes)
    try output.finish()
    guard anonymiser != nil else { return }
    for service in input.vip {
      var changed = service
      changed.address = anonymiser?.changed(service.address) ?? service.address
      complain("\(service.url) is \(changed.url) there")
    }
    if self.output.keyPath == nil {
      complain("the key was not kept: evidence of other captures will not fit to it, unless --key names one for all")
    }
  }

  /// What `--cited-as` names is one capture.
  private func refuseSeveral(_ files: [GatheredFile]) throws(Failure) {
    guard files.count == 1 else { throw .usage("--cited-as is for one capture, and \(files.count) are read") }
    guard case .evidence(_, let file) = files[0] else { return }
    let nameless = file.captures.count { $0.path.isEmpty }
    if nameless > 1 {
      throw .usage("--cited-as is for one capture, and \(nameless) of this evidence have no path")
    }
  }
}

/// Where to write evidence.
struct EvidenceOutputOptions: ParsableArguments {
  @Option(
    name: .customShort("o", allowingJoined: true),
    help: ArgumentHelp("Write the evidence to this file, whole or not at all.", valueName: "file"),
    completion: .file())
  var path: String?

  @Option(
    help: ArgumentHelp(
      "Cite the capture by this path, where it comes from a pipe or will be found there.", valueName: "path"))
  var citedAs: String?

  @Flag(
    help: """
      Change all IP and MAC addresses, so that the verdict stays: with --vip, tells on standard error what becomes of \
      the service. Names of files, places and interfaces stay.
      """)
  var anonymise = false

  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      """
      Anonymise with this key, 32 bytes or 64 hexadecimal digits: with one key, evidence of several captures fits \
      together. (default: a new one, which is not kept)
      """, valueName: "file"),
    completion: .file())
  var keyPath: String?

  func validate() throws {
    if keyPath != nil, !anonymise { throw ValidationError("--key is for --anonymise.") }
  }

  var anonymiser: Anonymiser? {
    get throws(Failure) {
      guard anonymise else { return nil }
      return try Anonymiser.keyed(byFileAt: keyPath)
    }
  }
}

extension Anonymiser {
  /// With the key in a file; without one, with a new key.
  static func keyed(byFileAt path: String?) throws(Failure) -> Anonymiser? {
    guard let path else { return Anonymiser(key: (0..<keyLength).map { _ in .random(in: 0 ... .max) }) }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try OpenFile(reading: path).readAll(limit: 1 << 20)
    } catch {
      throw .cannotRun("\(path): cannot read: \(error)")
    }
    guard let anonymiser = Anonymiser(key: bytes) ?? Anonymiser(key: octets(ofDigits: bytes)) else {
      throw .cannotRun(
        "\(path): expected a key of \(keyLength) bytes, or so many as hexadecimal digits, found "
          + "\(bytes.count) bytes; head -c \(keyLength) /dev/urandom makes one")
    }
    return anonymiser
  }

  /// What hexadecimal digits say; nothing for anything else.
  private static func octets(ofDigits bytes: [UInt8]) -> [UInt8] {
    let digits = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    let values = digits.compactMap(\.hexDigitValue)
    guard values.count == digits.count, values.count % 2 == 0 else { return [] }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }
}

extension GatheredFile {
  /// As it is kept.
  fileprivate func kept(_ anonymiser: inout Anonymiser?, citedAs path: String?) throws(Failure) -> [KeptCapture] {
    // What is as it was kept need not be unpacked.
    if case .evidence(let input, let file) = self, input.name == nil, anonymiser == nil,
      path == nil || file.captures.allSatisfy({ !$0.path.isEmpty })
    {
      return file.captures
    }
    return try changedParts(&anonymiser, citedAs: path).map { part throws(Failure) in
      do throws(EvidenceFileError.Fault) {
        return try KeptCapture(part)
      } catch {
        throw .cannotRun("\(part.path): \(error)")
      }
    }
  }

  /// What it shows, with other addresses where there is one who changes them.
  ///
  /// `citedAs`: the path of a capture, also of kept evidence where that has none because it came out of a pipe.
  func changedParts(_ anonymiser: inout Anonymiser?, citedAs path: String? = nil) throws(Failure) -> [CapturePart] {
    var changed: [CapturePart] = []
    let file = path.map(cited(as:)) ?? self
    for var part in try file.parts(for: []) {
      if case .capture(let reading) = self {
        // Standard input and pipes have no name that means anything elsewhere.
        if let path { part.rename(path) } else if reading.input.isPipe || reading.input.path == "-" { part.rename("") }
      }
      if anonymiser != nil, part.keyIdentifier != nil {
        throw .usage("\(part.path) is anonymised already")
      }
      changed.append(anonymiser?.changed(part, hasSight: part.hasSight(of: [])) ?? part)
    }
    return changed
  }

  private func cited(as path: String) -> GatheredFile {
    guard case .evidence(let input, let file) = self else { return self }
    return .evidence(CaptureInput(name: input.name, path: path), file)
  }
}
