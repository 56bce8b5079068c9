extension Span {
  /// The first element that is such.
  @inlinable
  public func first(where isSuch: (Element) -> Bool) -> Element? {
    for index in indices where isSuch(self[index]) { return self[index] }
    return nil
  }

  /// Whether any element is such.
  @inlinable
  public func contains(where isSuch: (Element) -> Bool) -> Bool {
    for index in indices where isSuch(self[index]) { return true }
    return false
  }
}

extension Array {
  /// The elements of `span`, to keep.
  @inlinable
  public init(_ span: Span<Element>) {
    self.init()
    reserveCapacity(span.count)
    for index in span.indices { append(span[index]) }
  }
}
