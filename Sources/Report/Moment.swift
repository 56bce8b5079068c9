import Checks
package import Wire

extension Timestamp {
  /// ISO 8601 in UTC with microseconds: `2019-10-03T01:30:02.579765Z`.
  package var iso8601: String { String(ascii: appendISO8601) }

  /// Appends the same in ASCII.
  func appendISO8601(to text: inout [UInt8]) {
    let (year, month, day) = Self.civil(fromDays: UInt64(seconds / 86_400))
    let second = UInt64(seconds % 86_400)
    for (number, width, end): (UInt64, Int, Unicode.Scalar) in [
      (year, 4, "-"), (month, 2, "-"), (day, 2, "T"),
      (second / 3600, 2, ":"), (second / 60 % 60, 2, ":"), (second % 60, 2, "."),
      (UInt64(nanoseconds / 1000), 6, "Z"),
    ] {
      text.append(decimal: number, width: width)
      text.append(UInt8(ascii: end))
    }
  }

  /// Reads the same, and nothing else.
  init?(iso8601 text: String) {
    let parts = text.utf8.count == 27 ? text.split { !("0"..."9" ~= $0) } : []
    let numbers = parts.compactMap { UInt32($0) }
    guard numbers.count == 7, 1970...2106 ~= numbers[0], 1...12 ~= numbers[1], 1...31 ~= numbers[2] else { return nil }
    // As in `civil`: years begin in March.
    let year = numbers[1] > 2 ? numbers[0] : numbers[0] - 1
    let dayOfYear = (153 * (numbers[1] > 2 ? numbers[1] - 3 : numbers[1] + 9) + 2) / 5 + numbers[2] - 1
    let days = UInt64(year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear) - 719_468
    let time = numbers[3...].prefix(3).reduce(0) { $0 * 60 + UInt64($1) }
    self.init(
      seconds: UInt32(clamping: days * 86_400 + time), nanoseconds: UInt32(clamping: UInt64(numbers[6]) * 1000))
    // A day, an hour or a minute that is none becomes another.
    guard iso8601 == text else { return nil }
  }

  /// Seconds since another moment, to the microsecond: `0.020400`.
  func offset(since start: Timestamp) -> String {
    let (early, late) = (min(self, start), max(self, start))
    let order = { (moment: Timestamp) in UInt64(moment.seconds) * 1_000_000 + UInt64(moment.nanoseconds / 1000) }
    let microseconds = order(late) - order(early)
    return "\(self < start ? "-" : "")\(microseconds / 1_000_000).\(padded(Int(microseconds % 1_000_000), 6))"
  }

  /// The Gregorian date of a day counted from 1970-01-01, by years that begin in March, so that the leap day is the
  /// last of its year.
  private static func civil(fromDays days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}
