/// Text in columns: the first to the left, numbers to the right.
enum Columns {
  static func aligned(_ lines: [[String]]) -> String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      zip(line, widths).enumerated().map { number, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return number == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
