import Checks

/// What was found once of each statement. A scan has millions of results, most of which say the very same; of services that are
/// alike the same is said in the same order, so what followed a statement last time is tried before it is looked up.
struct StatementMemo<Value> {
  private var entries: [(statement: ObjectIdentifier, value: Value, following: Int)] = []
  private var numbers: [ObjectIdentifier: Int] = [:]
  private var last = 0

  /// `nil` for a statement of which nothing is kept yet.
  mutating func value(of statement: ObjectIdentifier) -> Value? {
    guard !entries.isEmpty else { return nil }
    let likely = entries[last].following
    if entries[likely].statement == statement {
      last = likely
    } else {
      guard let number = numbers[statement] else { return nil }
      follow(number)
    }
    return entries[last].value
  }

  /// Keeps the value of a statement that was not there.
  mutating func keep(_ value: Value, of statement: ObjectIdentifier) {
    let number = entries.count
    numbers[statement] = number
    entries.append((statement, value, number))
    follow(number)
  }

  private mutating func follow(_ number: Int) {
    entries[last].following = number
    last = number
  }
}
