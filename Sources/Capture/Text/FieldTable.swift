import Wire

/// What `tshark -T fields -E header=y` prints: a line with the names of fields, and a line of their values for each frame.
struct FieldTable {
  private let separator: UInt8
  private let count: Int
  /// By their places.
  private let columns: [(PrintedField, Int)]

  /// Without these nothing is read.
  var missing: [PrintedField] {
    let known = Set(columns.map(\.0))
    return PrintedField.allCases.filter { !known.contains($0) }
  }

  /// `nil` for any other line.
  init?(heading line: ArraySlice<UInt8>) {
    let separators = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: "|")]
    guard let separator = separators.first(where: line.contains), line.count < 1 << 14 else { return nil }
    let names = line.split(separator: separator, omittingEmptySubsequences: false).map(Self.unquoted)
    let isName = { (byte: UInt8) in
      0x61...0x7a ~= byte || 0x30...0x39 ~= byte || byte == 0x2e || byte == 0x5f || 0x41...0x5a ~= byte
        || byte == 0x2d
    }
    guard names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isName) }) else { return nil }
    let columns = names.enumerated().compactMap { place, name in
      PrintedField(rawValue: String(decoding: name, as: UTF8.self)).map { ($0, place) }
    }
    // Two names of tshark's are no chance; a name twice would have two values.
    guard columns.count >= 2, Set(columns.map(\.0)).count == columns.count else { return nil }
    (self.separator, count, self.columns) = (separator, names.count, columns)
  }

  /// The values of a frame; `nil` for a line without anything that stands between fields, which is no frame's.
  func row(_ line: ArraySlice<UInt8>, number: UInt64) throws(CaptureError.Fault) -> FieldRow? {
    let cells = line.split(separator: separator, omittingEmptySubsequences: false)
    if cells.count == 1 { return nil }
    guard cells.count == count else { throw .otherFields(line: number, expected: count, found: cells.count) }
    var values: [PrintedField: [ArraySlice<UInt8>]] = [:]
    for (field, place) in columns {
      let cell = Self.unquoted(cells[place])
      if !cell.isEmpty {
        values[field] = cell.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      }
    }
    return FieldRow(values)
  }

  /// `-E quote=d` puts quotes around each.
  private static func unquoted(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard cell.count >= 2, let first = cell.first, first == cell.last, first == 0x22 || first == 0x27 else {
      return cell
    }
    return cell.dropFirst().dropLast()
  }
}
