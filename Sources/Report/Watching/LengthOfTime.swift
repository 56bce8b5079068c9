/// In the largest unit that it fills: `40 s`, `12 min`, `3 h`, `5 d`.
func lengthOfTime(seconds: Double) -> String {
  let whole = Int(max(0, min(seconds, 1e15)))
  let units: [(seconds: Int, name: String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
  let unit = units.first { whole >= 2 * $0.seconds } ?? (1, "s")
  return "\(whole / unit.seconds) \(unit.name)"
}
