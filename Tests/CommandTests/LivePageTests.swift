import Foundation
import TestSupport
import Testing

/// The page of `watch --listen` in a real browser, while Direct Server Return in a real network goes wrong and right again.
@Suite(.enabled(if: NetworkNamespaces.isRoot, Comment(rawValue: NetworkNamespaces.needs)), .serialized)
struct LivePageTests {
  /// What the headline says.
  private static let headline = "document.querySelector('h1').innerText"
  /// The counts on the arrows of the drawing.
  private static let labels = "[...document.querySelectorAll('.ladder .label')].map(each => each.textContent).join('|')"

  @Test func `An open page shows what goes wrong, and that it is right again`() throws {
    let (network, server) = try LiveNetwork.directReturn()
    defer { withExtendedLifetime(server) {} }
    let watch = try PageRun(
      on: "client", of: network, ["-i", "eth1", "--vip", "10.1.10.10:80", "--window", "3s", "--steps", "3"])
    let browser = try Browser(startedBy: ["ip", "netns", "exec", network.namespace("client")])
    try browser.look(width: 390, height: 844, isDark: true)
    try browser.visit(watch.url)
    #expect(try browser.wait(until: "document.querySelector('#connection').textContent.startsWith('Connected')"))

    /// Asks the service again and again until the page says so.
    func ask(until script: String) throws -> Bool {
      for _ in 0..<150 {
        if try browser.value(script) as? Bool == true { return true }
        _ = try network.run("client", "curl", "-s", "-o", "/dev/null", "--max-time", "1", "http://10.1.10.10/")
        Thread.sleep(forTimeInterval: 0.1)
      }
      return false
    }
    #expect(try ask(until: "\(Self.headline).includes('PASS')"))
    // The page is the same one all the time: what is marked now is there at the end.
    _ = try browser.value("document.querySelector('h1').isMarked = true; window.isMarked = true")
    let before = try browser.value(Self.labels) as? String ?? ""
    #expect(before.contains("flow"))
    // By keyboard: the first link leads to the services, and what has the focus keeps it.
    let focus = "document.activeElement.id || document.activeElement.className"
    try browser.press("Tab")
    #expect(try browser.value(focus) as? String == "skip")
    #expect(try browser.value("getComputedStyle(document.activeElement).outlineStyle") as? String == "solid")
    try browser.press("Enter")
    #expect(try browser.wait(until: "(\(focus)) == 'services'"))
    #expect(try ask(until: "\(Self.labels) != '\(before)'"), "the counts of the drawing do not move: \(before)")
    try tell("pass", browser)

    try LiveNetwork.returnThroughBalancer(network)
    #expect(try ask(until: "\(Self.headline).includes('FAIL')"))
    #expect(try browser.value("document.title.startsWith('FAIL')") as? Bool == true)
    #expect(
      try browser.value("document.querySelector('.ladder .fault .label').textContent.includes('via the balancer')")
        as? Bool == true)
    #expect(
      try browser.value("document.querySelector('article.fail h3').innerText.includes('reply-via-balancer')") as? Bool
        == true)
    #expect(try browser.value("document.querySelector('.since time').dateTime.length > 20") as? Bool == true)
    #expect(
      try browser.wait(
        until: "document.querySelector('#told').textContent.includes('tcp://10.1.10.10:80 fail, was pass')"))
    try tell("fail", browser)
    #expect(try fits(browser) == "")

    try LiveNetwork.returnStraight(network)
    #expect(try ask(until: "\(Self.headline).includes('PASS')"))
    #expect(try browser.wait(until: "document.querySelectorAll('#changes li').length == 3"))
    #expect(try browser.value(focus) as? String == "services")
    #expect(try browser.value("window.isMarked && document.querySelector('h1').isMarked") as? Bool == true)

    try browser.look(width: 1280, height: 900, isDark: false)
    #expect(try fits(browser) == "")
    try tell("desk", browser)
    #expect(browser.complaints == [])

    // The end of the run is told too.
    kill(watch.process.processIdentifier, SIGTERM)
    #expect(try browser.wait(until: "document.querySelector('#connection').className == 'lost'"))
    watch.process.waitUntilExit()
    #expect(watch.process.terminationStatus == 0)
  }

  /// Keeps a picture, for whoever wants to look at it.
  private func tell(_ name: String, _ browser: Browser) throws {
    guard let folder = ProcessInfo.processInfo.environment["DSRPROOF_PICTURES"] else { return }
    try browser.picture().write(to: URL(filePath: folder).appending(path: "\(name).png"))
  }

  /// What is wider than the window.
  private func fits(_ browser: Browser) throws -> String {
    try browser.value(
      """
      [...document.querySelectorAll("main, main *, footer, #connection")]
        .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map(each => each.tagName + "." + each.getAttribute("class")).join(" ")
      """) as? String ?? "nothing was measured"
  }
}
