import Testing
import Wire

@testable import Report

@Suite struct DrawingTextTests {
  @Test(arguments: [
    ("short", 17, "short"), ("0123456789", 10, "0123456789"), ("0123456789", 7, "012…789"), ("0123456789", 6, "01…789"),
    ("0123456789", 1, "0123456789"),
  ])
  func theMiddleOfALongTextIsLeftOut(text: String, length: Int, expected: String) {
    #expect(shortened(text, to: length) == expected)
  }

  @Test(arguments: [
    (UInt32(5), UInt32(20_400_000), "0.020400"), (7, 0, "2.000000"), (5, 999, "0.000000"),
    (4, 999_999_000, "-0.000001"),
    (.max, 0, "4294967290.000000"),
  ])
  func timesCountFromTheFirstFrame(seconds: UInt32, nanoseconds: UInt32, expected: String) {
    let start = Timestamp(seconds: 5, nanoseconds: 0)
    #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds).offset(since: start) == expected)
  }
}
