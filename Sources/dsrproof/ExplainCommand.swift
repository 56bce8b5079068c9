import ArgumentParser
import Checks
import Report

/// `dsrproof explain`: one check's page.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what a check looks for, why it matters and how to mend it.")

  @Argument(
    help: ArgumentHelp("A check's name or id, like reply-via-balancer or DSR001.", valueName: "check"),
    completion: .list(Check.all.flatMap { [$0.slug, $0.id] }))
  var name: String

  func run() throws {
    let wanted = name.lowercased()
    guard let check = Check.all.first(where: { $0.slug == wanted || $0.id.lowercased() == wanted }) else {
      let names = Check.all.flatMap { [$0.slug, $0.id] }
      let hint = nearest(to: wanted, among: names).map { "did you mean \($0)? " } ?? ""
      throw Failure.usage("no check is named \"\(name)\": \(hint)dsrproof checks lists them all")
    }
    let output = try Output()
    output.write(check.pageText(color: output.hasColor))
    try output.finish()
  }
}

/// The name that takes the fewest changes to reach; `nil` where every one is far.
func nearest(to name: String, among names: [String]) -> String? {
  let ranked = names.map { (distance: editDistance(name, $0.lowercased()), name: $0) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, name.count / 2) ? best.name : nil
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
