import Checks
import Evidence
import Testing
import Wire

@testable import Report

@Suite struct SmallTextTests {
  @Test(arguments: [
    (UInt32(0), UInt32(0), "1970-01-01T00:00:00.000000Z"),
    (951_782_399, 999_999_999, "2000-02-28T23:59:59.999999Z"),
    (951_782_400, 0, "2000-02-29T00:00:00.000000Z"),
    (1_570_066_202, 579_765_000, "2019-10-03T01:30:02.579765Z"),
    (1_709_251_200, 1_000, "2024-03-01T00:00:00.000001Z"),
    (.max, 0, "2106-02-07T06:28:15.000000Z"),
  ])
  func momentsAreISO8601(seconds: UInt32, nanoseconds: UInt32, expected: String) {
    #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds).iso8601 == expected)
    #expect(Timestamp(iso8601: expected) == Timestamp(seconds: seconds, nanoseconds: nanoseconds / 1000 * 1000))
  }

  @Test(arguments: [
    "", "2019-10-03", "2019-10-03T01:30:02Z", "2019-13-03T01:30:02.579765Z", "2019-02-29T01:30:02.579765Z",
    "2019-10-03T24:30:02.579765Z", "2019-10-03T01:60:02.579765Z", "2019-10-03 01:30:02.579765Z",
    "1969-12-31T23:59:59.999999Z", "2106-02-07T06:28:16.000000Z", "9999-10-03T01:30:02.579765Z",
    "2019-10-03T01:30:02.579765+", "2019-1-3-0-0-0-999999999999",
    "2019-10-99T01:30:02.579765Z", "2019-00-03T01:30:02.579765Z", "2019-10-00T01:30:02.579765Z",
    "99999999999999999999-1-1-1-1",
  ])
  func whatIsNoMomentIsNone(text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test func controlsAreEscaped() {
    #expect("a\u{1b}[31mb\u{9b}c\u{202e}d\u{7f}\n".withoutControls == "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\u{7f}\\u{a}")
    #expect("ordinary, größer, 日本".withoutControls == "ordinary, größer, 日本")
  }

  @Test(arguments: [
    (ServicePattern(address: IPAddress(v4: 0x0a01_0a0a)), "10.1.10.10"),
    (ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), port: 80), "10.1.10.10:80"),
    (ServicePattern(address: IPAddress(v4: 0x0a01_0a0a), transport: .tcp, port: 80), "tcp://10.1.10.10:80"),
    (ServicePattern(address: IPAddress(v6High: 0xfd00 << 48, low: 1), transport: .udp), "udp://[fd00::1]"),
    (ServicePattern(address: IPAddress(v6High: 0xfd00 << 48, low: 1), port: 53), "[fd00::1]:53"),
  ])
  func servicesHaveURLs(service: ServicePattern, expected: String) {
    #expect(service.url == expected)
  }

  @Test func linesAreFilledAndLongWordsKept() {
    #expect(wrap("one two three", to: 7) == ["one two", "three"])
    #expect(wrap("a much-too-long-word b", to: 6) == ["a", "much-too-long-word", "b"])
    #expect(wrap("", to: 6) == [""])
  }

  @Test func everyCheckIsListedAndHasItsPage() {
    for check in Check.all {
      #expect(Check.listing(of: Check.all).contains("\(check.id)  \(check.slug) "))
      let page = check.pageText(color: false)
      #expect(page.hasPrefix("\(check.id) \(check.slug)\n"))
      for heading in ["What it looks for", "Why it matters", "How to mend it", "Sources"] {
        #expect(page.contains("\n\n\(heading)\n  "))
      }
    }
  }
}
