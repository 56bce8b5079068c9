import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing
import Wire

@testable import dsrproof

/// The page in a real browser: Chromium without a window, on a phone and on a desk.
@Suite struct BrowserTests {
  /// What a page measured in a frame of a width.
  struct Measure: Decodable {
    var name: String
    var width: Int
    /// How far the page's content reaches to the right of it.
    var overflow: Int
    /// Texts of drawings that meet another, or leave their drawing.
    var collisions: [String]
    var drawings: Int
    /// What it fetched from anywhere.
    var resources: Int
    var scripts: Int
    var text: String
  }

  private static let widths = [390, 1280]

  /// Each page as a frame's `srcdoc`, which its parent may look into.
  private static func harness(_ pages: KeyValuePairs<String, String>) throws -> String {
    let list = try JSONEncoder().encode(pages.map { [$0.key, $0.value] })
    // No end tag may stand inside the script.
    let literal = String(decoding: list, as: UTF8.self).replacingOccurrences(of: "<", with: "\\u003c")
    return """
      <!DOCTYPE html><meta charset="utf-8"><title>harness</title><body><script>
      const measures = [];
      function measure(name, width, frame) {
        const page = frame.contentDocument, collisions = [];
        page.querySelectorAll("details").forEach(each => each.open = true);
        const drawings = page.querySelectorAll("svg");
        drawings.forEach(drawing => {
          const box = element => element.getBoundingClientRect();
          const outer = box(drawing), texts = [...drawing.querySelectorAll("text")];
          texts.forEach((text, index) => {
            const a = box(text);
            if (a.left < outer.left - 1 || a.right > outer.right + 1 || a.bottom > outer.bottom + 1)
              collisions.push(text.textContent + " leaves");
            for (const other of texts.slice(index + 1)) {
              const b = box(other);
              if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
                collisions.push(text.textContent + " meets " + other.textContent);
            }
          });
          drawing.querySelectorAll("rect").forEach(rect => rect.parentNode.querySelectorAll("text").forEach(text => {
            if (box(text).width > box(rect).width) collisions.push(text.textContent + " is wider than its box");
          }));
        });
        measures.push({ name, width, collisions, drawings: drawings.length,
          overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
          resources: frame.contentWindow.performance.getEntriesByType("resource").length,
          scripts: page.querySelectorAll("script").length, text: page.body.innerText });
      }
      console.log("the console is heard");
      const loads = [];
      for (const [name, source] of \(literal)) for (const width of \(widths)) loads.push(new Promise(done => {
        const frame = document.createElement("iframe");
        frame.style.width = width + "px"; frame.style.height = "800px"; frame.style.border = "0";
        frame.onload = () => { measure(name, width, frame); done(); };
        frame.srcdoc = source;
        document.body.append(frame);
      }));
      Promise.all(loads).then(() => {
        const result = document.createElement("pre");
        result.id = "result";
        const bytes = new TextEncoder().encode(JSON.stringify(measures));
        let binary = "";
        bytes.forEach(byte => binary += String.fromCharCode(byte));
        result.textContent = btoa(binary);
        document.body.replaceChildren(result);
      });
      </script>
      """
  }

  private static func open(_ pages: KeyValuePairs<String, String>) throws -> (measures: [Measure], console: [String]) {
    let folder = try TemporaryFolder()
    let page = try folder.file("harness.html", Data(try harness(pages).utf8))
    let browser = try #require(
      CommandLineTool.candidates("chromium").first, "scripts/install-dependencies test installs chromium")
    let result = try CommandLineTool.run(
      browser,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
        "--user-data-dir=\(folder.path("profile"))", "--virtual-time-budget=60000", "--window-size=1400,900",
        "--dump-dom", page.absoluteString,
      ])
    let start = try #require(result.output.range(of: "<pre id=\"result\">"), "\(result.errors.suffix(2000))")
    let encoded = result.output[start.upperBound...].prefix { $0 != "<" }
    let data = try #require(Data(base64Encoded: String(encoded)))
    let console = result.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init)
    return (try JSONDecoder().decode([Measure].self, from: data), console)
  }

  private static func page(_ capture: String, _ arguments: String...) throws -> String {
    try ExemplarTests.shown(["-r", Repository.fixture(capture)] + arguments).verdict.htmlReport()
  }

  /// Names that would run as a script, or push everything aside, were they not tamed.
  private static func hostilePage() throws -> String {
    let folder = try TemporaryFolder()
    let name = "<img src=x onerror=alert(1)>\"&'" + String(repeating: "long", count: 40) + ".pcap"
    let path = try folder.file(name, Data(contentsOf: URL(filePath: Repository.fixture("seed.pcap")))).path
    var verdict = try ExemplarTests.shown(["-r", path, "--vip", "10.1.10.10:80"]).verdict
    verdict.services[0].backends[0].name = "<script>alert(1)</script>" + String(repeating: "name", count: 20)
    verdict.tables = [TableSummary(kind: .host, path: name, host: name)]
    return verdict.htmlReport()
  }

  /// Sixty services, one of which fails.
  private static func longPage() throws -> String {
    let failed = Repository.fixture("lab/route-one-backend-of-two/switch.pcap")
    var verdict = try ExemplarTests.shown(["-r", failed, "--vip", "10.1.10.10:80"]).verdict
    var passed = try ExemplarTests.shown(["-r", Repository.fixture("seed.pcap"), "--vip", "10.1.10.10:80"]).verdict
      .services[0]
    for port in UInt16(1)..<60 {
      passed.service.port = port
      verdict.services.append(passed)
    }
    return verdict.htmlReport()
  }

  @Test func everyPageFitsAPhoneAndADesk() throws {
    let pages: KeyValuePairs = [
      "PASS": try Self.page("seed.pcap", "--vip", "10.1.10.10:80"),
      "FAIL": try Self.page("lab/route-one-backend-of-two/switch.pcap", "--vip", "10.1.10.10:80"),
      "INCONCLUSIVE": try Self.page("lab/route/be1-any.pcap", "--vip", "10.1.10.10:80"),
      "PASS tunnel": try Self.page("lab/tunnel-gre/lb.pcap", "--vip", "10.1.10.10:80"),
      "PASS VLANs": try Self.page("lab/vlan-trunk/switch.pcap", "--vip", "10.1.10.10:80"),
      "PASS IPv6": try Self.page("lab/route-ipv6/switch.pcap", "--vip", "[fd00:10::10]:80"),
      "FAIL wrong address": try Self.page("lab/udp-own-address/switch.pcap", "--vip", "udp://10.1.10.10:53"),
      "PASS hostile": try Self.hostilePage(),
      "FAIL among many": try Self.longPage(),
    ]
    let (measures, console) = try Self.open(pages)
    #expect(measures.count == pages.count * Self.widths.count)
    for measure in measures {
      let verdict = try #require(measure.name.split(separator: " ").first)
      #expect(measure.text.contains(verdict), "\(measure.name)")
      #expect(measure.drawings >= 2, "\(measure.name)")
      #expect(measure.overflow == 0, "\(measure.name) at \(measure.width)")
      #expect(measure.collisions == [], "\(measure.name) at \(measure.width)")
      #expect(measure.resources == 0, "\(measure.name)")
      #expect(measure.scripts == 0, "\(measure.name)")
    }
    #expect(console.count == 1 && console[0].contains("the console is heard"), "\(console)")
  }

  /// The measures can fail: a page with these faults has all of them.
  @Test func theHarnessSeesWhatIsWrong() throws {
    let page = """
      <body style="margin:0"><div style="width:2000px">wide</div><script>console.error("wrong")</script>
      <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
      <svg width="100" height="40"><text x="0" y="20">one</text><text x="5" y="20">two</text><text x="90" y="20">three</text></svg>
      """
    let (measures, console) = try Self.open(["wrong": page])
    for measure in measures {
      #expect(measure.overflow >= 2000 - measure.width)
      #expect(measure.collisions == ["one meets two", "three leaves"])
      #expect(measure.scripts == 1)
    }
    #expect(console.count == 1 + measures.count)
  }
}
