extension KubernetesObjects {
  /// Reads what kubectl prints for people, perhaps pasted with prompts: tables and descriptions one after the other. `nil` for
  /// any other text.
  init?(kubectl text: String) throws(TableError) {
    guard Self.isPrinted(text) else { return nil }
    self.init()
    let lines = PastedText(text).parts.flatMap(\.lines)
    var table: KubectlTable?
    var description: KubectlDescription?
    var others: [String] = []
    for line in lines {
      let heading = KubectlTable(heading: line)
      let begun = heading == nil ? KubectlDescription(first: line) : nil
      guard heading != nil || begun != nil else {
        if description != nil { description?.add(line) } else { table?.rows.append(line) }
        continue
      }
      try read(table, description, &others)
      (table, description) = (heading, begun)
    }
    try read(table, description, &others)
    guard !isEmpty else {
      throw TableError(
        line: lines.first?.number ?? 0,
        expected: "kubectl get services, endpoints or nodes, or kubectl describe service, as text or with -o yaml",
        found: others.isEmpty ? "no object" : others.joined(separator: "; "), isOfNoForm: true)
    }
  }

  /// Its beginning tells. Keys of YAML begin small.
  private static func isPrinted(_ text: String) -> Bool {
    let lines = PastedText(String(text.prefix(4096))).parts.flatMap(\.lines)
    guard let first = lines.first else { return false }
    if KubectlTable(heading: first) != nil { return true }
    return KubectlDescription(first: first) != nil && lines.count > 1
      && ["Namespace:", "Labels:"].contains(lines[1].words[0])
  }

  private mutating func read(
    _ table: KubectlTable?, _ description: KubectlDescription?, _ others: inout [String]
  ) throws(TableError) {
    if let table {
      try table.read(into: &self)
      if table.kind == nil, others.count < 3 {
        others.append("the columns \(table.heading.words.joined(separator: " "))")
      }
    }
    if let description {
      if description.isOfService {
        try description.read(into: &self)
      } else if others.count < 3 {
        others.append("the description of another object")
      }
    }
  }
}
