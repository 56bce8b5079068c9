import Testing

@testable import Evidence

@Suite struct ChunkedArrayTests {
  /// Three chunks.
  private static let count = 3 * ChunkedArray<Int>.chunkLength

  private static func numbers() -> ChunkedArray<Int> {
    var array = ChunkedArray<Int>()
    for number in 0..<count {
      if number.isMultiple(of: ChunkedArray<Int>.chunkLength) { _ = array.addChunk() }
      _ = array.append(number * 7, toChunk: array.chunkCount - 1)
    }
    return array
  }

  @Test func everyElementIsFoundAtItsIndex() {
    let array = Self.numbers()
    #expect(array.chunkCount == 3)
    #expect((0..<Self.count).allSatisfy { array[$0] == $0 * 7 })
  }

  @Test func aChunkIsFilledByItself() {
    var array = ChunkedArray<Int>()
    let (one, other) = (array.addChunk(), array.addChunk())
    #expect(array.append(1, toChunk: other) == ChunkedArray<Int>.chunkLength)
    #expect(array.append(2, toChunk: one) == 0)
    #expect(array.append(3, toChunk: other) == ChunkedArray<Int>.chunkLength + 1)
    #expect((array[0], array[ChunkedArray<Int>.chunkLength + 1]) == (2, 3))
    for _ in 1..<ChunkedArray<Int>.chunkLength { _ = array.append(0, toChunk: one) }
    #expect(array.append(4, toChunk: one) == nil)
  }

  @Test func aChunkThatWasShortenedIsFilledAnew() {
    var array = Self.numbers()
    array.shorten(chunk: 1, to: 10)
    #expect(array.filled(ofChunk: 1) == 10)
    let next = ChunkedArray<Int>.chunkLength + 10
    #expect(array[next - 1] == (next - 1) * 7)
    #expect(array.append(-1, toChunk: 1) == next)
    #expect(array[next] == -1)
    #expect(array[Self.count - 1] == (Self.count - 1) * 7)
  }

  @Test func aCopyIsIndependentOnceItIsMadeUnique() {
    let original = Self.numbers()
    var copy = original
    copy.makeUnique()
    for index in stride(from: 0, to: Self.count, by: 1000) { copy[index] = -1 }
    _ = copy.addChunk()
    for _ in 0..<100 { _ = copy.append(-2, toChunk: 3) }
    #expect((0..<Self.count).allSatisfy { original[$0] == $0 * 7 })
    #expect(original.chunkCount == 3)
    #expect((0..<Self.count).allSatisfy { copy[$0] == ($0.isMultiple(of: 1000) ? -1 : $0 * 7) })
    #expect((Self.count..<Self.count + 100).allSatisfy { copy[$0] == -2 })
  }
}
