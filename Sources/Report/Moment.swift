import Checks
package import Wire

extension Timestamp {
  /// ISO 8601 in UTC with microseconds: `2019-10-03T01:30:02.579765Z`.
  package var iso8601: String {
    let (year, month, day) = Self.civil(fromDays: Int(seconds / 86_400))
    let second = Int(seconds % 86_400)
    let date = "\(year)-\(padded(month, 2))-\(padded(day, 2))"
    let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    return "\(date)T\(time).\(padded(Int(nanoseconds / 1000), 6))Z"
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
  private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
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
