import Testing
import Wire

@Suite struct TimestampTests {
  @Test func nanosecondsCarry() {
    let moment = Timestamp(seconds: 1, nanoseconds: 2_500_000_000)
    #expect(moment.seconds == 3)
    #expect(moment.nanoseconds == 500_000_000)
  }

  @Test func lastMomentIsNotPassed() {
    #expect(Timestamp(seconds: .max, nanoseconds: 1_000_000_000).seconds == .max)
  }

  @Test func differenceMayBeNegative() {
    let early = Timestamp(seconds: 10, nanoseconds: 750_000_000)
    let late = Timestamp(seconds: 12, nanoseconds: 250_000_000)
    #expect(late.seconds(since: early) == 1.5)
    #expect(early.seconds(since: late) == -1.5)
    #expect(early < late)
  }
}
