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
    /// What reaches farther to the right than the window does.
    var wide: [String]
    /// How far down the first next step ends, on a page with one.
    var nextStep: Double?
    /// Of the diagrams of flows: rows whose words and lines share a place, or that leave a part of the page's width free.
    var badRows: [String]
    var rows: Int
    /// The links of the index, those that lead nowhere, and those after which what they lead to stays folded.
    var links: Int
    var brokenLinks: [String]
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
      async function measure(name, width, frame) {
        const page = frame.contentDocument, collisions = [], badRows = [];
        const next = [...page.querySelectorAll("article dt")].find(each => each.textContent == "Next");
        const nextStep = next ? next.nextElementSibling.getBoundingClientRect().bottom : null;
        const links = [...page.querySelectorAll("nav a")];
        const brokenLinks = [];
        for (const link of links) {
          // A click would lead out of the frame, whose address is its parent's.
          frame.contentWindow.location.hash = link.getAttribute("href");
          await new Promise(done => setTimeout(done, 20));
          const target = page.querySelector(link.getAttribute("href"));
          if (!target || target.closest("details:not([open])")) brokenLinks.push(link.textContent);
        }
        frame.contentWindow.scrollTo(0, 0);
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
        const reach = page.documentElement.clientWidth;
        const wide = [...page.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > reach + 1)
          .map(each => each.tagName + "." + each.getAttribute("class"));
        const rows = [...page.querySelectorAll(".sequence tbody tr")];
        rows.forEach(row => {
          const cells = [...row.querySelectorAll("td")].map(cell => {
            const range = page.createRange();
            range.selectNodeContents(cell);
            return cell.matches(".lanes") ? cell.querySelector("svg").getBoundingClientRect() : range.getBoundingClientRect();
          });
          cells.forEach((a, index) => cells.slice(index + 1).forEach(b => {
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
              badRows.push("cells of " + row.textContent + " meet");
          }));
          const whole = page.querySelector("main").getBoundingClientRect(), lanes = row.querySelector(".lanes");
          if (lanes && (cells.at(-1).right < whole.right - 20 || cells.at(-1).width < whole.width / 2))
            badRows.push("the lines of " + row.textContent + " leave room");
        });
        measures.push({ name, width, collisions, wide, nextStep, badRows, rows: rows.length, links: links.length, brokenLinks, drawings: drawings.length,
          overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
          resources: frame.contentWindow.performance.getEntriesByType("resource").length,
          scripts: page.querySelectorAll("script").length, text: page.body.innerText });
      }
      console.log("the console is heard");
      const loads = [];
      for (const [name, source] of \(literal)) for (const width of \(widths)) loads.push(new Promise(done => {
        const frame = document.createElement("iframe");
        frame.style.width = width + "px"; frame.style.height = "800px"; frame.style.border = "0";
        frame.onload = () => measure(name, width, frame).then(done);
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

  /// Sixty services, half of which fail.
  private static func longPage() throws -> String {
    let failed = Repository.fixture("lab/route-one-backend-of-two/switch.pcap")
    var verdict = try ExemplarTests.shown(["-r", failed, "--vip", "10.1.10.10:80"]).verdict
    var passed = try ExemplarTests.shown(["-r", Repository.fixture("seed.pcap"), "--vip", "10.1.10.10:80"]).verdict
      .services[0]
    let fault = (service: verdict.services[0], checks: verdict.checks)
    for port in UInt16(101)..<130 {
      var service = fault.service
      service.service.port = port
      verdict.services.append(service)
      verdict.checks += fault.checks.map { check in
        var check = check
        check.service = service.service
        return check
      }
    }
    for port in UInt16(1)...30 {
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
      #expect(measure.wide == [], "\(measure.name) at \(measure.width)")
      #expect(measure.badRows == [], "\(measure.name) at \(measure.width)")
      #expect(measure.brokenLinks == [], "\(measure.name) at \(measure.width)")
      if measure.name.hasPrefix("FAIL"), measure.width == 1280 {
        #expect(try #require(measure.nextStep) < 700, "\(measure.name)")
      }
      #expect(measure.collisions == [], "\(measure.name) at \(measure.width)")
      #expect(measure.resources == 0, "\(measure.name)")
      #expect(measure.scripts == 0, "\(measure.name)")
    }
    #expect(measures.allSatisfy { $0.rows > 0 || !$0.name.hasPrefix("FAIL") })
    let long = measures.filter { $0.name == "FAIL among many" }
    #expect(long.allSatisfy { $0.links == 60 })
    #expect(console.count == 1 && console[0].contains("the console is heard"), "\(console)")
  }

  /// The measures can fail: a page with these faults has all of them.
  @Test func theHarnessSeesWhatIsWrong() throws {
    let page = """
      <body style="margin:0"><div style="width:2000px">wide</div><script>console.error("wrong")</script>
      <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
      <nav><a href="#nowhere">gone</a></nav><main><article><dl><dt>Next</dt><dd>late</dd></dl></article>
      <table class="sequence"><tbody><tr><td style="position:absolute">4</td><td>0.1</td>
      <td class="lanes"><svg style="margin-left:-2px" width="9" height="9"></svg></td></tr></tbody></table></main>
      <svg width="100" height="40"><text x="0" y="20">one</text><text x="5" y="20">two</text><text x="90" y="20">three</text></svg>
      """
    let (measures, console) = try Self.open(["wrong": page])
    for measure in measures {
      #expect(measure.overflow >= 2000 - measure.width)
      #expect(measure.collisions == ["one meets two", "three leaves"])
      #expect(measure.scripts == 1)
      #expect(measure.wide.contains("DIV.null"))
      #expect(measure.nextStep != nil)
      #expect(
        measure.badRows.contains { $0.hasSuffix("meet") } && measure.badRows.contains { $0.hasSuffix("leave room") })
      #expect(measure.brokenLinks == ["gone"])
    }
    #expect(console.count == 1 + measures.count)
  }
}
