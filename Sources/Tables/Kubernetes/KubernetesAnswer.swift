/// What the API server answers to a question for objects. It stands in no file, so that its facts have no lines.
///
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
public struct KubernetesAnswer: Sendable, Equatable {
  /// As `ServiceList`; empty for a refusal.
  public var kind = ""
  public var objects = KubernetesObjects()
  /// Of a list in pages, what asks for the next one; `nil` behind the last.
  public var next: String?
  /// What a refusal says.
  public var message: String?

  public init() {}

  public init(text: String) throws(TableError) {
    guard let document = try DocumentNode.all(ofAnswer: text).first, let kind = document["kind"]?.text else {
      throw TableError(line: 0, expected: "a Kubernetes object", found: String(text.prefix(80)))
    }
    if kind == "Status" {
      message = document["message"]?.text ?? "no reason is told"
      return
    }
    try objects.readList(document, kind: kind)
    next = document["metadata"]?["continue"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    self.kind = kind
    // A list without members, or one that is not whole and has no next page, would be taken for all that there is.
    if kind.hasSuffix("List"), !document.has("items") {
      throw TableError(line: 0, expected: "items in a \(kind)", found: "none")
    }
    if next == nil, let rest = document["metadata"]?["remainingItemCount"]?.int, rest > 0 {
      throw TableError(line: 0, expected: "a next page of the \(kind), for \(rest) are left", found: "none")
    }
  }
}
