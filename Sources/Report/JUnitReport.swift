public import Checks
import Foundation
import XMLCoder

extension Verdict {
  /// The report as JUnit's XML, which CI servers read: the form that Jenkins' junit-10.xsd fixes
  /// (https://github.com/jenkinsci/xunit-plugin). What is inconclusive was
  /// skipped, and with `isStrict` failed; what the policy tolerates was skipped.
  public func junitReport(isStrict: Bool) throws -> String {
    let encoder = XMLEncoder()
    encoder.outputFormatting = .prettyPrinted
    let document = SuitesElement(Suite.all(of: self).map { SuiteElement($0, isStrict: isStrict) })
    let header = XMLHeader(version: 1.0, encoding: "UTF-8")
    let data = try encoder.encode(document, withRootKey: "testsuites", header: header)
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

/// All of an element's values are attributes, but for those named.
private protocol Element: DynamicNodeEncoding {
  static var contents: Set<String> { get }
}

extension Element {
  static func nodeEncoding(for key: any CodingKey) -> XMLEncoder.NodeEncoding {
    contents.contains(key.stringValue) ? .element : .attribute
  }
}

private struct SuitesElement: Element {
  static let contents: Set = ["testsuite"]
  var name = "dsrproof"
  var tests: Int
  var failures: Int
  var errors = 0
  var testsuite: [SuiteElement]

  init(_ suites: [SuiteElement]) {
    tests = suites.reduce(0) { $0 + $1.tests }
    failures = suites.reduce(0) { $0 + $1.failures }
    testsuite = suites
  }
}

private struct SuiteElement: Element {
  static let contents: Set = ["testcase"]
  var name: String
  var tests: Int
  var failures: Int
  var errors = 0
  var skipped: Int
  var testcase: [CaseElement]

  init(_ suite: Suite, isStrict: Bool) {
    name = suite.name
    testcase = suite.cases.map { CaseElement($0, of: suite, isStrict: isStrict) }
    tests = testcase.count
    failures = testcase.count { $0.failure != nil }
    skipped = testcase.count { $0.skipped != nil }
  }
}

private struct CaseElement: Element {
  static let contents: Set = ["failure", "skipped", "system-out"]
  var classname: String
  var name: String
  var failure: OutcomeElement?
  var skipped: OutcomeElement?
  var output: String?

  enum CodingKeys: String, CodingKey {
    case classname, name, failure, skipped
    case output = "system-out"
  }

  init(_ test: Suite.Case, of suite: Suite, isStrict: Bool) {
    classname = suite.name
    name = test.name
    let text = test.details.map(\.withoutControls).joined(separator: "\n")
    let outcome = OutcomeElement(message: test.message.withoutControls, type: test.outcome.rawValue, text: text)
    switch test.outcome {
    // That a check passed says all; a verdict says how, and what is cited shows it.
    case .pass where text.isEmpty && !test.isVerdict: break
    case .pass: output = ([test.message.withoutControls] + (text.isEmpty ? [] : [text])).joined(separator: "\n")
    case _ where test.outcome.isSkipped(strictly: isStrict): skipped = outcome
    case .fail, .inconclusive, .tolerated, .ignored: failure = outcome
    }
  }
}

private struct OutcomeElement: Element {
  static let contents: Set = [""]
  var message: String
  var type: String
  var text: String

  enum CodingKeys: String, CodingKey {
    case message, type
    // XMLCoder's name for what stands inside the element itself.
    case text = ""
  }
}
