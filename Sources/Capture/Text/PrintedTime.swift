import Wire

/// The time in front of a packet: of a day (no -t), of nothing (-t), of 1970 (-tt), since the last packet (-ttt), with the date
/// (-tttt), since the first packet (-ttttt).
enum PrintedTime {
  /// Seconds and nanoseconds of the clock; `date`, days since 1970, counts where it was printed.
  case clock(nanoseconds: Int64, day: Int64?)
  case epoch(seconds: UInt32, nanoseconds: UInt32)

  /// Passes it, with its blanks; `nil` where what comes next is no time.
  init?(_ scanner: inout TextScanner) {
    var look = scanner
    var day: Int64?
    if let year = look.number(), year >= 1970, year < 2107, look.take("-"), let month = look.number(),
      1...12 ~= month, look.take("-"), let date = look.number(), 1...31 ~= date
    {
      look.skipBlanks()
      day = Self.days(year: Int64(year), month: Int64(month), day: Int64(date))
    } else {
      look = scanner
    }
    // -ttt may be negative, where packets come out of order.
    let isNegative = look.take("-")
    guard let first = look.number() else { return nil }
    if look.take(":") {
      guard first < 100, let minutes = look.number(), minutes < 60, look.take(":"), let seconds = look.number(),
        seconds < 61, let fraction = Self.fraction(&look)
      else { return nil }
      look.skipBlanks()
      let whole = Int64((first * 60 + minutes) * 60 + seconds) * 1_000_000_000 + Int64(fraction)
      self = .clock(nanoseconds: isNegative ? -whole : whole, day: day)
    } else {
      guard day == nil, !isNegative, let seconds = UInt32(exactly: first), look.begins(with: "."),
        let fraction = Self.fraction(&look)
      else { return nil }
      look.skipBlanks()
      self = .epoch(seconds: seconds, nanoseconds: fraction)
    }
    scanner = look
  }

  private static func fraction(_ scanner: inout TextScanner) -> UInt32? {
    guard scanner.take(".") else { return nil }
    let start = scanner.position
    guard let number = scanner.number() else { return nil }
    let digits = scanner.position - start
    guard digits <= 9 else { return nil }
    return UInt32((digits..<9).reduce(number) { value, _ in value * 10 })
  }

  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    // Years that begin in March, of 400-year cycles.
    let shifted = month <= 2 ? year - 1 : year
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let cycle = shifted / 400
    let ofCycle = (shifted - cycle * 400) * 365 + (shifted - cycle * 400) / 4 - (shifted - cycle * 400) / 100 + ofYear
    return cycle * 146_097 + ofCycle - 719_468
  }
}

/// Puts printed times in order, as moments.
struct PrintedClock {
  private var latest: Int64 = 0
  private var wraps: Int64 = 0
  /// Times that begin within a minute of midnight may be counted from the packet before (-ttt), or from the first (-ttttt): as
  /// nothing tells which, they are no times.
  private var isOfClock: Bool?
  private static let day: Int64 = 86_400_000_000_000

  /// A packet without a time comes when the last one did.
  mutating func moment(_ time: PrintedTime?) -> Timestamp {
    switch time {
    case nil: break
    case .epoch(let seconds, let nanoseconds):
      return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    case .clock(let nanoseconds, let day?):
      latest = day * Self.day + nanoseconds
    case .clock(let nanoseconds, nil):
      let isOfClock = isOfClock ?? (nanoseconds >= 60_000_000_000)
      self.isOfClock = isOfClock
      guard isOfClock else { break }
      // Midnight came between.
      if nanoseconds + wraps < latest - Self.day / 2 { wraps += Self.day }
      latest = max(0, nanoseconds) + wraps
    }
    let moment = max(0, latest)
    return Timestamp(
      seconds: UInt32(clamping: moment / 1_000_000_000), nanoseconds: UInt32(moment % 1_000_000_000))
  }
}
