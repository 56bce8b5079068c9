import Foundation
import TestSupport
import Testing
import Wire

/// What follows the table of tunnels: its page and the schemas.
@Suite struct TunnelTableTests {
  private static let rows: [[String]] = {
    let text = (try? String(contentsOf: Repository.root.appending(path: "docs/tunnels.md"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") && !$0.hasPrefix("| `name`") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
  }()

  @Test func thePageHasEveryTunnelAndNoOther() {
    #expect(Self.rows.map(\.[0]) == Tunnel.allCases.map { "`\($0.entry.name)`" })
  }

  @Test(arguments: Tunnel.allCases)
  func thePageSaysWhatTheTableSays(tunnel: Tunnel) throws {
    let row = try #require(Self.rows.first { $0[0] == "`\(tunnel.entry.name)`" })
    let entry = tunnel.entry
    #expect(row[1].hasPrefix(entry.title))
    #expect(row[1].contains("not opened") == !entry.isOpened)
    for carrier in entry.carriers {
      switch carrier {
      case .ipProtocol(let number): #expect(row[2].contains("IP protocol") && row[2].contains("\(number)"))
      case .etherType(let type):
        #expect(row[2].contains("EtherType") && row[2].contains("0x" + String(type, radix: 16)))
      case .udpPort(let port): #expect(row[2].contains("UDP") && row[2].contains("\(port)"))
      }
    }
    #expect(row[3] == entry.identifier ?? "")
    #expect(row[4] == entry.source)
  }

  @Test(arguments: ["flows", "report"])
  func theSchemasNameEveryTunnel(schema: String) throws {
    let text = try String(contentsOf: Repository.schema.appending(path: "\(schema).schema.json"), encoding: .utf8)
    let list = { (tunnels: [Tunnel]) in tunnels.map { "\"\($0.entry.name)\"" }.joined(separator: ", ") }
    #expect(text.contains("[\(list(Tunnel.allCases)), null]"))
    // A mirror's wrapping is no tunnel of the flow.
    #expect(text.contains("[\(list(Tunnel.allCases.filter { $0.entry.isOpened && $0 != .erspan }))]"))
  }
}
