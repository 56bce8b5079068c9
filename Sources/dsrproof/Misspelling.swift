/// The name that takes the fewest changes to reach; `nil` where every one is far: further than `limit`, or than half of a
/// name.
func nearest(to name: String, among names: [String], within limit: Int? = nil) -> String? {
  let ranked = names.map { (distance: editDistance(name, $0.lowercased()), name: $0) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= limit ?? max(2, name.count / 2) ? best.name : nil
}

/// How many characters must be inserted, removed or replaced to make one text of the other (Levenshtein).
private func editDistance(_ a: String, _ b: String) -> Int {
  let target = Array(b)
  var row = Array(0...target.count)
  for (i, character) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in target.indices {
      let replaced = diagonal + (character == target[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[target.count]
}
