import Wire

/// How an interface's 64-bit timestamps tell the time (draft-ietf-opsawg-pcapng, clause 4.2: if_tsresol, if_tsoffset).
struct PcapngClock {
  private var ticksPerSecond: UInt64 = 1_000_000
  /// Seconds to add to every timestamp.
  var offset: Int64 = 0

  /// Takes if_tsresol: a negative power of 10, or of 2 where the highest bit is set. False where a second of it does
  /// not fit 64 bits.
  mutating func setResolution(_ value: UInt8) -> Bool {
    let exponent = Int(value & 0x7f)
    if value & 0x80 != 0 {
      guard exponent < 64 else { return false }
      ticksPerSecond = 1 << UInt64(exponent)
    } else {
      guard exponent < 20 else { return false }
      ticksPerSecond = (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
    return true
  }

  func time(_ ticks: UInt64) -> Timestamp {
    let seconds: UInt64
    let nanoseconds: UInt64
    switch ticksPerSecond {
    // Divisions by a constant are much faster, and hardly any file has another resolution.
    case 1_000_000:
      seconds = ticks / 1_000_000
      nanoseconds = ticks % 1_000_000 * 1000
    case 1_000_000_000:
      seconds = ticks / 1_000_000_000
      nanoseconds = ticks % 1_000_000_000
    default:
      let (quotient, fraction) = ticks.quotientAndRemainder(dividingBy: ticksPerSecond)
      seconds = quotient
      // Less than a second, so that the quotient fits.
      nanoseconds = ticksPerSecond.dividingFullWidth(fraction.multipliedFullWidth(by: 1_000_000_000)).quotient
    }
    if offset == 0, let seconds = UInt32(exactly: seconds) {
      return Timestamp(seconds: seconds, nanoseconds: UInt32(truncatingIfNeeded: nanoseconds))
    }
    let (sum, overflow) = Int64(clamping: seconds).addingReportingOverflow(offset)
    switch UInt32(exactly: sum) {
    case let seconds? where !overflow:
      return Timestamp(seconds: seconds, nanoseconds: UInt32(truncatingIfNeeded: nanoseconds))
    default:
      // Clamped: overflow is only possible upwards, as the ticks are not negative.
      return sum < 0 && !overflow
        ? Timestamp(seconds: 0, nanoseconds: 0) : Timestamp(seconds: .max, nanoseconds: 999_999_999)
    }
  }
}
