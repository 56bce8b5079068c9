import Checks
import Foundation
import Report
import TestSupport
import Testing

/// `monitoring/`: the alert rules and the dashboard ask for nothing that the report does not write.
@Suite struct MonitoringTests {
  private static let folder = Repository.root.appending(path: "monitoring")
  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// The labels of each metric, with the values that they can have where these are known.
  private static let written: [String: [String: Set<String>]] = {
    var labels: [String: [String: Set<String>]] = [:]
    for sample in MetricSample.all(in: Examples.metrics()) {
      labels[sample.name, default: [:]].merge(sample.labels.mapValues { [$0] }) { $0.union($1) }
    }
    labels["dsrproof_check_outcome"]?["outcome"]?.formUnion(["tolerated", "ignored"])
    labels["dsrproof_check_outcome"]?["slug"] = Set(Check.all.map(\.slug))
    return labels
  }()

  /// Every label there is, with those that Prometheus adds.
  private static let labels = Set(written.values.flatMap(\.keys)).union(["job", "instance"])

  /// What is wrong with a query, or a text that names metrics.
  private static func faults(in query: String) -> [String] {
    var faults: [String] = []
    for match in query.matches(of: /(dsrproof_\w+)(?:\{([^}]*)\})?/) {
      guard let labels = written[String(match.1)] else {
        faults.append("no metric \(match.1)")
        continue
      }
      for matcher in (match.2 ?? "").matches(of: /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/) {
        guard let values = labels[String(matcher.1)] else {
          faults.append("\(match.1) has no label \(matcher.1)")
          continue
        }
        if ["=", "!="].contains(matcher.2), !values.contains(String(matcher.3)) {
          faults.append("\(matcher.1) is never \(matcher.3)")
        }
      }
    }
    let grouped = query.matches(of: /\b(?:by|without|on|ignoring) \(([^)]*)\)/).flatMap { $0.1.split(separator: ",") }
    let shown = query.matches(of: /(?:\{\{ ?|\$labels\.)([a-z]+)/).map(\.1)
    for label in (grouped + shown).map({ $0.trimmingCharacters(in: .whitespaces) }) where !labels.contains(label) {
      faults.append("no label \(label)")
    }
    return faults
  }

  @Test func aQueryForWhatIsNotWrittenIsAFault() {
    #expect(Self.faults(in: "dsrproof_flows") == ["no metric dsrproof_flows"])
    #expect(Self.faults(in: #"dsrproof_verdict{service="x"}"#) == ["dsrproof_verdict has no label service"])
    #expect(Self.faults(in: #"dsrproof_verdict{verdict="failed"}"#) == ["verdict is never failed"])
    #expect(Self.faults(in: "sum by (paths) (dsrproof_service_flows)") == ["no label paths"])
    #expect(Self.faults(in: "{{ $labels.vip }} {{host}}") == ["no label vip", "no label host"])
  }

  @Test func everyAlertAsksForWhatIsWritten() throws {
    let rules = try Self.text("alerts.yaml")
    #expect(rules.contains("dsrproof_"))
    #expect(Self.faults(in: rules.replacing("{{ $value", with: "")) == [])
  }

  @Test func promtoolTakesTheRulesAndTheirTestsHold() throws {
    _ = try CommandLineTool.output("promtool", ["check", "rules", Self.folder.appending(path: "alerts.yaml").path])
    _ = try CommandLineTool.output("promtool", ["test", "rules", Self.folder.appending(path: "alerts.test.yaml").path])
  }

  /// promtool takes exactly the alerts that a test expects, so each test also shows which series do not fire.
  @Test func everyAlertIsShownToFire() throws {
    let alerts = try Self.text("alerts.yaml").matches(of: /- alert: (\w+)/).map { String($0.1) }
    #expect(alerts.count >= 5)
    let tests = try Self.text("alerts.test.yaml")
    let firing = tests.matches(of: /- alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:\n +- exp_labels/)
    #expect(Set(firing.map { String($0.1) }) == Set(alerts))
  }

  // MARK: The dashboard

  struct Dashboard: Decodable {
    struct Source: Decodable, Equatable {
      var type: String
      var uid: String
    }
    struct Target: Decodable {
      var refId: String
      var datasource: Source
      var expr: String
      var legendFormat: String?
    }
    struct Place: Decodable { var x, y, w, h: Int }
    struct Panel: Decodable {
      var id: Int
      var title: String
      var description: String
      var datasource: Source
      var targets: [Target]
      var gridPos: Place
    }
    struct Variables: Decodable { var list: [Variable] }
    struct Variable: Decodable {
      var name: String
      var type: String
      var definition: String?
    }
    var panels: [Panel]
    var templating: Variables
    var schemaVersion: Int
  }

  private static func dashboard() throws -> Dashboard {
    try JSONDecoder().decode(Dashboard.self, from: try Data(contentsOf: folder.appending(path: "dashboard.json")))
  }

  @Test func everyPanelAsksForWhatIsWritten() throws {
    let dashboard = try Self.dashboard()
    #expect(!dashboard.panels.isEmpty)
    for panel in dashboard.panels {
      for target in panel.targets {
        #expect(target.expr.contains("dsrproof_"), "\(panel.title)")
        #expect(Self.faults(in: "\(target.expr) \(target.legendFormat ?? "")") == [], "\(panel.title)")
      }
    }
    for variable in dashboard.templating.list { #expect(Self.faults(in: variable.definition ?? "") == []) }
  }

  @Test func whatIsWrittenIsAskedFor() throws {
    let asked = try Self.text("dashboard.json") + Self.text("alerts.yaml")
    for name in Self.written.keys { #expect(asked.contains(try Regex("\(name)\\b")), "\(name)") }
  }

  @Test func prometheusTakesEveryQueryOfTheDashboard() throws {
    let queries = try Self.dashboard().panels.flatMap(\.targets).map(\.expr)
    let rules = queries.enumerated().map { index, query in
      "      - {record: \"panel:\(index)\", expr: '\(query.replacing("$service", with: ".*"))'}\n"
    }
    let folder = try TemporaryFolder()
    let file = try folder.file("rules.yaml", Data("groups:\n  - name: dashboard\n    rules:\n\(rules.joined())".utf8))
    let said = try CommandLineTool.output("promtool", ["check", "rules", file.path])
    #expect(said.contains("\(queries.count) rules found"))
  }

  @Test func theDataSourceIsAVariable() throws {
    let dashboard = try Self.dashboard()
    #expect(dashboard.templating.list.first?.name == "datasource")
    #expect(dashboard.templating.list.first?.type == "datasource")
    let sources = dashboard.panels.flatMap { [$0.datasource] + $0.targets.map(\.datasource) }
    #expect(sources.allSatisfy { $0 == Dashboard.Source(type: "prometheus", uid: "${datasource}") })
  }

  @Test func panelsHaveTheirOwnPlaces() throws {
    let panels = try Self.dashboard().panels
    #expect(Set(panels.map(\.id)).count == panels.count)
    var taken: Set<[Int]> = []
    for panel in panels {
      let place = panel.gridPos
      #expect(place.x + place.w <= 24, "\(panel.title)")
      for x in place.x..<place.x + place.w {
        for y in place.y..<place.y + place.h { #expect(taken.insert([x, y]).inserted, "\(panel.title)") }
      }
    }
  }
}
