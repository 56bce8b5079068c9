import Checks

extension ReportDiff {
  /// The document that `schema/diff.schema.json` describes.
  public func json() throws -> String { try JSON.text(of: DiffDocument(self), pretty: true) + "\n" }
}

private struct DiffDocument: Encodable {
  var schemaVersion = 1
  var before: String
  var after: String
  var worse: Int
  var better: Int
  var other: Int
  var changes: [ChangeDocument]
  var unchangedServices: Int
  var unchangedChecks: Int

  init(_ diff: ReportDiff) {
    before = diff.before.rawValue
    after = diff.after.rawValue
    worse = diff.changes(.worse).count
    better = diff.changes(.better).count
    other = diff.changes(.other).count
    changes = diff.changes.map(ChangeDocument.init)
    unchangedServices = diff.unchangedServices
    unchangedChecks = diff.unchangedChecks
  }
}

private struct ChangeDocument: Encodable {
  var effect: String
  @OrNull var service: String?
  var subject: String
  @OrNull var name: String?
  @OrNull var before: String?
  @OrNull var after: String?
  var detail: String

  init(_ change: ReportDiff.Change) {
    effect = change.effect.rawValue
    service = change.service
    subject = change.subject.rawValue
    name = change.name
    before = change.before
    after = change.after
    detail = change.detail
  }
}
