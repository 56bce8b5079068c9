// GitHub's Markdown (https://github.github.com/gfm/): what comes from captures and tables comes from strangers.

/// Text in which nothing is markup, also within a cell of a table.
func markdownText(_ text: String) -> String {
  text.withoutControls.reduce(into: "") { safe, character in
    if #"\`*_[]<>#|~&$@!"#.contains(character) { safe.append("\\") }
    safe.append(character)
  }
}

/// Text in a code span, also within a cell of a table, which a bar ends even there.
func markdownCode(_ text: String) -> String {
  let text = text.withoutControls.replacing("|", with: "\\|")
  let longest = text.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
  let fence = String(repeating: "`", count: longest + 1)
  return longest == 0 ? "`\(text)`" : "\(fence) \(text) \(fence)"
}
