import Testing

@testable import Serving

@Suite struct FramingTests {
  @Test func anEventEndsWithAnEmptyLine() {
    #expect(Event("judged", data: "{}").text == "event: judged\ndata: {}\n\n")
  }

  /// No line of the data can begin a field, or another event.
  @Test(arguments: ["\n", "\r\n", "\r", "\n\n"]) func everyLineIsMarkedAsData(end: String) {
    let text = Event("change", data: "a\(end)event: other").text
    #expect(!text.contains("\r"))
    let lines = text.dropLast(2).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "event: change" && lines.dropFirst().allSatisfy { $0.hasPrefix("data: ") })
    #expect(text.hasSuffix("\n\n"))
  }

  @Test(arguments: [
    (["application/openmetrics-text"], true), (["text/plain"], false), ([], false), (["*/*"], false),
    (["application/openmetrics-text;version=1.0.0;q=0.5, text/plain;version=0.0.4;q=0.4"], true),
    (["text/plain;q=0.5, application/openmetrics-text;q=0.4"], false), (["application/openmetrics-text;q=0"], false),
    (["text/plain;q=0.1", "Application/OpenMetrics-Text ; q=0.2"], true), (["application/openmetrics-text;q=x"], false),
    // As Prometheus 2 and 3 ask.
    (
      [
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
      ],
      true
    ),
  ])
  func theFormThatIsPreferred(accept: [String], openMetrics: Bool) {
    #expect(prefersOpenMetrics(accept: accept) == openMetrics)
  }
}
