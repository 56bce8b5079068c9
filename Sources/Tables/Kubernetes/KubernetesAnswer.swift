/// What the API server answers to a question for objects. It stands in no file, so that its facts have no lines.
///
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
public struct KubernetesAnswer: Sendable, Equatable {
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
      message = document["message"]?.text
      return
    }
    try objects.readList(document, kind: kind)
    next = document["metadata"]?["continue"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }
}
