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
    for gathered in try gatherFiles(input) { kept += try gathered.kept(&anonymiser) }
    let file = EvidenceFile(kept)
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
}

/// Where to write evidence.
struct EvidenceOutputOptions: ParsableArguments {
  @Option(
    name: .customShort("o", allowingJoined: true),
    help: ArgumentHelp("Write the evidence to this file, whole or not at all.", valueName: "file"),
    completion: .file())
  var path: String?

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
  fileprivate func kept(_ anonymiser: inout Anonymiser?) throws(Failure) -> [KeptCapture] {
    // What is as it was kept need not be unpacked.
    if case .evidence(let input, let file) = self, input.name == nil, anonymiser == nil { return file.captures }
    return try changedParts(&anonymiser).map { part throws(Failure) in
      do throws(EvidenceFileError.Fault) {
        return try KeptCapture(part)
      } catch {
        throw .cannotRun("\(part.path): \(error)")
      }
    }
  }

  /// What it shows, with other addresses where there is one who changes them.
  func changedParts(_ anonymiser: inout Anonymiser?) throws(Failure) -> [CapturePart] {
    var changed: [CapturePart] = []
    for var part in try parts(for: []) {
      // A pipe has no name that means anything elsewhere.
      if case .capture(let reading) = self, reading.input.isPipe { part.rename("") }
      if anonymiser != nil, part.keyIdentifier != nil {
        throw .usage("\(part.path) is anonymised already")
      }
      changed.append(anonymiser?.changed(part, hasSight: part.hasSight(of: [])) ?? part)
    }
    return changed
  }
}
