import Testing

@testable import Evidence

@Suite struct ChunkedArrayTests {
  /// More than three chunks.
  private static let count = 200_000

  private static func numbers() -> ChunkedArray<Int> {
    var array = ChunkedArray<Int>()
    for number in 0..<count { array.append(number * 7) }
    return array
  }

  @Test func everyElementIsFoundAtItsIndex() {
    let array = Self.numbers()
    #expect(array.count == Self.count)
    #expect((0..<Self.count).allSatisfy { array[$0] == $0 * 7 })
  }

  @Test func aCopyIsIndependentOnceItIsMadeUnique() {
    let original = Self.numbers()
    var copy = original
    copy.makeUnique()
    for index in stride(from: 0, to: Self.count, by: 1000) { copy[index] = -1 }
    for _ in 0..<100_000 { copy.append(-2) }
    #expect((0..<Self.count).allSatisfy { original[$0] == $0 * 7 })
    #expect(original.count == Self.count)
    #expect((0..<Self.count).allSatisfy { copy[$0] == ($0.isMultiple(of: 1000) ? -1 : $0 * 7) })
    #expect((Self.count..<Self.count + 100_000).allSatisfy { copy[$0] == -2 })
  }

  @Test func whoAloneHoldsItKeepsItsElements() {
    var array = Self.numbers()
    array.makeUnique()
    array.append(1)
    #expect(array[Self.count - 1] == (Self.count - 1) * 7)
    #expect(array[Self.count] == 1)
  }
}
