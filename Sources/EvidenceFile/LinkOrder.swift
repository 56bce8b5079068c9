import Evidence

/// The links of a capture in an order that they alone decide, and not who saw them first: so what several threads read, or
/// parts that were merged, is kept in the same bytes.
struct LinkOrder {
  /// In their order.
  let links: [Link]
  /// By the number that evidence has for a link, its place in that order.
  private let places: [UInt32]
  /// By place, the number that evidence has for a link.
  private let numbers: [UInt32]

  init(_ evidence: Evidence) {
    let seen = evidence.seenLinks
    numbers = seen.indices.sorted { seen[$0] < seen[$1] }.map { UInt32($0) }
    links = numbers.map { seen[Int($0)] }
    var places = [UInt32](repeating: 0, count: seen.count)
    for (place, number) in numbers.enumerated() { places[Int(number)] = UInt32(place) }
    self.places = places
  }

  func place(of number: UInt32) -> UInt32 { places[Int(number)] }
  func number(at place: UInt32) -> UInt32 { numbers[Int(place)] }
}
