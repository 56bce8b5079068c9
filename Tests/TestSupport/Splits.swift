public import Evidence
public import Wire

/// Ways to cut a capture into parts that are read apart from each other.
public enum Split: Sendable, CustomStringConvertible, CaseIterable {
  case firstFrameApart, half, lastFrameApart, threeParts, seventeenParts, twoInTurn, fiveInTurn, atRandom, frameByFrame

  public var description: String {
    switch self {
    case .firstFrameApart: "first frame apart"
    case .half: "in the middle"
    case .lastFrameApart: "last frame apart"
    case .threeParts: "three parts"
    case .seventeenParts: "seventeen parts"
    case .twoInTurn: "frames to two parts in turn"
    case .fiveInTurn: "frames to five parts in turn"
    case .atRandom: "frames to four parts at random"
    case .frameByFrame: "every frame a part"
    }
  }

  /// The parts; together they hold every frame once, in the order of the capture.
  public func parts(of frames: [Frame], using random: inout SeededGenerator) -> [[Frame]] {
    switch self {
    case .firstFrameApart: Self.cut(frames, at: [1])
    case .half: Self.cut(frames, at: [frames.count / 2])
    case .lastFrameApart: Self.cut(frames, at: [frames.count - 1])
    case .threeParts: Self.cut(frames, at: (1..<3).map { frames.count * $0 / 3 })
    case .seventeenParts: Self.cut(frames, at: (1..<17).map { frames.count * $0 / 17 })
    case .twoInTurn: Self.deal(frames, to: 2) { $0 }
    case .fiveInTurn: Self.deal(frames, to: 5) { $0 }
    case .atRandom: Self.deal(frames, to: 4) { _ in Int.random(in: 0..<4, using: &random) }
    // As many as memory takes: an empty evidence is some hundred kilobytes.
    case .frameByFrame: Self.deal(frames, to: max(1, min(frames.count, 48))) { $0 }
    }
  }

  private static func cut(_ frames: [Frame], at places: [Int]) -> [[Frame]] {
    let bounds = [0] + places.map { min(max(0, $0), frames.count) } + [frames.count]
    return zip(bounds, bounds.dropFirst()).map { Array(frames[$0..<$1]) }
  }

  private static func deal(_ frames: [Frame], to count: Int, _ turn: (Int) -> Int) -> [[Frame]] {
    var parts: [[Frame]] = Array(repeating: [], count: count)
    for (index, frame) in frames.enumerated() { parts[turn(index) % count].append(frame) }
    return parts
  }
}

extension CaptureContents {
  /// The evidence of each part. What is known at the end of a capture, one part knows, as one thread comes to the end.
  public func evidence(_ split: Split, using random: inout SeededGenerator) -> [Evidence] {
    let parts = split.parts(of: frames, using: &random)
    let last = Int.random(in: 0..<parts.count, using: &random)
    return parts.enumerated().map { index, part in
      var evidence = Evidence()
      observe(part, into: &evidence)
      if index == last { end(in: &evidence) }
      return evidence
    }
  }
}

/// Merges in an order, and in a grouping, that come from `random`.
public func merged(_ parts: [Evidence], using random: inout SeededGenerator) -> Evidence {
  var parts = parts.shuffled(using: &random)
  while parts.count > 1 {
    var one = parts.remove(at: Int.random(in: 0..<parts.count, using: &random))
    let index = Int.random(in: 0..<parts.count, using: &random)
    if Bool.random(using: &random) {
      one.merge(parts[index])
      parts[index] = one
    } else {
      parts[index].merge(one)
    }
  }
  return parts.first ?? Evidence()
}
