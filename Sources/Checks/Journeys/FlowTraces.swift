public import Evidence
import Wire

/// Every flow to one of some services, or every flow where none is named, in order. Each is put together when it is asked for,
/// for there may be very many.
public final class FlowTraces: Sequence, Sendable {
  private struct Entry: Sendable {
    var flow: Flow
    var serverIsLower: Bool
    var direction: FlowTrace.Direction
  }

  private let evidence: Evidence
  private let links: Evidence.Links
  private let entries: [Entry]

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  fileprivate init(_ evidence: Evidence, of named: [ServicePattern]) {
    self.evidence = evidence
    links = evidence.links
    let index = ServiceIndex(named, in: evidence)
    var entries: [Entry] = []
    entries.reserveCapacity(named.isEmpty ? evidence.flowCount : 0)
    evidence.forEachFlow { transport, lower, higher, fromLower, fromHigher in
      let (serverIsLower, direction) = index.orient(transport, lower, higher, fromLower, fromHigher)
      let flow = Flow(
        transport: transport, client: serverIsLower ? higher : lower, server: serverIsLower ? lower : higher)
      if !named.isEmpty, !index.isService(transport, flow.server) { return }
      entries.append(Entry(flow: flow, serverIsLower: serverIsLower, direction: named.isEmpty ? direction : .named))
    }
    entries.sort { $0.flow < $1.flow }
    self.entries = entries
  }

  public struct Iterator: IteratorProtocol {
    fileprivate let traces: FlowTraces
    private var index = 0

    fileprivate init(_ traces: FlowTraces) { self.traces = traces }

    public mutating func next() -> FlowTrace? {
      guard index < traces.entries.count else { return nil }
      defer { index += 1 }
      return traces.trace(of: traces.entries[index])
    }
  }

  public func makeIterator() -> Iterator { Iterator(self) }

  private func trace(of entry: Entry) -> FlowTrace {
    let (client, server) = (entry.flow.client, entry.flow.server)
    let (fromLower, fromHigher) = evidence.records(
      of: entry.flow.transport, lower: entry.serverIsLower ? server : client,
      higher: entry.serverIsLower ? client : server)
    let requests = (entry.serverIsLower ? fromHigher : fromLower).map { trace(of: $0, .request) }
    let replies = (entry.serverIsLower ? fromLower : fromHigher).map { trace(of: $0, .reply) }
    var all = requests + replies
    all.sort {
      ($0.link.point, $0.half == .request ? 0 : 1, $0.firstFrame)
        < ($1.link.point, $1.half == .request ? 0 : 1, $1.firstFrame)
    }
    return FlowTrace(flow: entry.flow, direction: entry.direction, links: all)
  }

  private func trace(of record: LinkRecord, _ half: Half) -> LinkTrace {
    LinkTrace(
      half: half, link: links[record.link], frames: UInt64(record.frames), firstFrame: UInt64(record.firstFrame),
      firstTime: record.firstTime, lastTime: record.lastTime)
  }
}

extension Evidence {
  /// Every flow to one of `services`, or every flow where none is named, in order.
  public func flowTraces(of named: [ServicePattern]) -> FlowTraces { FlowTraces(inOrder(), of: named) }

  /// The same, all at once.
  public func traces(of named: [ServicePattern]) -> [FlowTrace] { Array(flowTraces(of: named)) }
}
