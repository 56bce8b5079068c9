import Capture
import Checks
import EvidenceFile
import Platform
import Tables

/// What one file turned out to hold, by its content, as the single readers tell it.
enum CaseSight {
  case capture(CaseFile.Use)
  /// Of so many hosts.
  case ipvs(hosts: Int)
  case kubernetes
  case as3
  /// What was pasted of a host, which is called so.
  case host(String)
  /// Firewall rules alone, and the marks that they set.
  case firewall(FirewallMarks?)
  case nothing(String)
  /// An empty file, or a text that is like nothing that is read.
  case note(String)
  /// Documents of both.
  case as3AndKubernetes

  var isCapture: Bool {
    if case .capture = self { true } else { false }
  }
  var isHost: Bool {
    if case .host = self { true } else { false }
  }
  var marks: FirewallMarks? {
    if case .firewall(let marks) = self { marks } else { nil }
  }

  /// Packets may stand behind what else was printed.
  private static let start = 64 << 10
  private static let longestText = 256 << 20

  init(path: String) {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try OpenFile(reading: path).read(Self.start)
    } catch {
      self = .nothing("cannot read: \(error)")
      return
    }
    if bytes.isEmpty {
      self = .note("is empty")
    } else if bytes.starts(with: EvidenceFile.signature) {
      self = .capture(.evidence)
    } else if CaptureReader.recognizes(Array(bytes.prefix(4))) {
      self = Self.packed(path, bytes)
    } else if CaptureReader.recognizesText(bytes) {
      let text = try? inputText(at: path, kind: "text", atMost: Self.longestText)
      self = text.map { Self.packets(in: $0, at: path) } ?? .capture(.packetText)
    } else {
      self = Self.text(at: path)
    }
  }

  /// A plain capture is one whatever is wrong with it; what is packed may be anything.
  private static func packed(_ path: String, _ start: [UInt8]) -> CaseSight {
    let isPacked = start.starts(with: [0x1f, 0x8b]) || start.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
    guard isPacked else { return .capture(.capture) }
    do throws(CaptureError) {
      switch try OpenedFile(path: path, signature: EvidenceFile.signature) {
      case .other: return .capture(.evidence)
      case .capture(var reader):
        guard reader.isText else { return .capture(.capture) }
        // Of text nothing but a packet tells that it is a capture.
        var batch = FrameBatch()
        while batch.frames.isEmpty, try reader.read(into: &batch) {}
        return batch.frames.isEmpty ? .nothing("holds no packet") : .capture(.packetText)
      }
    } catch {
      return .nothing("\(error.fault)")
    }
  }

  /// Packets, where nothing stands between them that another reader would take: that would be lost.
  private static func packets(in text: String, at path: String) -> CaseSight {
    var rest = ""
    for line in text.split(whereSeparator: \.isNewline) where !CaptureReader.recognizesText(Array(line.utf8)) {
      rest += line + "\n"
    }
    switch taken(rest, path) {
    case .note: return .capture(.packetText)
    case .nothing where TableForm.nearest(to: rest, for: .ipvs).map({ $0.reader == .captures }) ?? true:
      return .capture(.packetText)
    default: return .nothing("holds packets and a table: put each into a file of its own")
    }
  }

  private static func text(at path: String) -> CaseSight {
    let text: String
    do throws(Failure) {
      text = try inputText(at: path, kind: "text", atMost: longestText)
    } catch {
      // Whose words begin with the path.
      return .nothing(
        error.message.hasPrefix("\(path): ") ? String(error.message.dropFirst(path.count + 2)) : error.message)
    }
    let sight = CaseSight(text: text, path: path)
    // Packets may stand behind any number of notes.
    if case .note = sight, CaptureReader.recognizesText(Array(text.utf8)) { return packets(in: text, at: path) }
    return sight
  }

  /// The first reader that takes a text has it: but for documents, none of these takes what is another's.
  init(text: String, path: String) {
    self = Self.taken(text, path)
  }

  private static func taken(_ text: String, _ path: String) -> CaseSight {
    // An empty list is what many programs print.
    if text.utf8.count < 64, ["[]", "{}"].contains(text.filter { !$0.isWhitespace }) {
      return .nothing("holds nothing")
    }
    switch ((try? AS3Declaration(text: text)) != nil, (try? KubernetesObjects(text: text)) != nil) {
    case (true, true): return .as3AndKubernetes
    case (true, false): return .as3
    case (false, true): return .kubernetes
    case (false, false): break
    }
    if let tables = try? IPVSTable.all(in: text) { return .ipvs(hosts: Set(tables.map(\.host)).count) }
    let fallback = path.lastPathComponent.withoutExtension
    if let host = try? HostTables(name: nil, pasted: text, path: path, fallback: fallback) {
      if !host.isFirewallAlone { return .host(host.name) }
    } else if (try? FirewallMarks(text: text)) == nil {
      // A document is a table whatever its words are.
      let isDocument = text.first { !$0.isWhitespace }.map { "{[".contains($0) } ?? false
      guard isDocument || TableForm.nearest(to: text, for: .ipvs) != nil else {
        return .note("is of no form that is read")
      }
      return .nothing(reason(for: text))
    }
    let marks = try? FirewallMarks(text: text)
    return .firewall(marks.flatMap { $0.targets.isEmpty && $0.unread.isEmpty ? nil : $0 })
  }

  /// The form that the text comes nearest to, and what its reader misses there.
  private static func reason(for text: String) -> String {
    guard let nearest = TableForm.nearest(to: text, for: .ipvs) else { return "is of no form that is read" }
    let error: TableError? =
      switch nearest.reader {
      case .ipvs: fault { () throws(TableError) in _ = try IPVSTable.all(in: text) }
      case .as3: fault { () throws(TableError) in _ = try AS3Declaration(text: text) }
      case .kubernetes: fault { () throws(TableError) in _ = try KubernetesObjects(text: text) }
      case .host:
        fault { () throws(TableError) in
          do throws(HostFileError) {
            _ = try HostTables(name: nil, pasted: text, path: "", fallback: "")
          } catch {
            throw error.error
          }
        }
      case .captures: nil
      }
    guard let error else { return "its words come nearest to \(nearest.source)" }
    let line = error.line > 0 ? "line \(error.line): " : ""
    let found = error.found.count > 80 ? error.found.prefix(80) + " …" : error.found
    return "its words come nearest to \(nearest.source); \(line)expected \(error.expected), found \(found)"
  }

  private static func fault(_ read: () throws(TableError) -> Void) -> TableError? {
    do throws(TableError) {
      try read()
      return nil
    } catch {
      return error
    }
  }
}

extension HostTables {
  /// Such rules are of no host without more.
  fileprivate var isFirewallAlone: Bool {
    texts.isSubset(of: [.iptables, .nftables, .arpRules]) && interfaces.isEmpty && neighbours.isEmpty
      && settings.isEmpty
      && ipvs.isEmpty
  }
}
