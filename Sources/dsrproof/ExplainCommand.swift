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
