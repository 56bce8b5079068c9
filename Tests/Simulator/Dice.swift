import TestSupport

/// Draws at random; all draws of one capture follow from its seed.
struct Dice {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func bits() -> UInt64 { generator.next() }

  mutating func pick<Item>(_ items: [Item]) -> Item { items[number(0...items.count - 1)] }

  /// Each item as often as its weight says.
  mutating func weighted<Item>(_ items: [(Item, Int)]) -> Item {
    var place = number(1...items.reduce(0) { $0 + $1.1 })
    for (item, weight) in items {
      place -= weight
      if place <= 0 { return item }
    }
    return items[items.count - 1].0
  }
}
