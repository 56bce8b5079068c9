/// Why a table could not be read: the line, what was expected there and what was found.
public struct TableError: Error, Equatable, Sendable {
  /// Counted from 1; 0 for the table as a whole.
  public var line: Int
  public var expected: String
  /// The text that stands there, as it is in the file: it may hold anything.
  public var found: String
  /// The text is of none of the forms that the reader knows; else one of them has a fault.
  public var isOfNoForm: Bool

  public init(line: Int, expected: String, found: String, isOfNoForm: Bool = false) {
    self.line = line
    self.expected = expected
    self.found = found
    self.isOfNoForm = isOfNoForm
  }
}
