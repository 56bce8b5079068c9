import CYaml

/// What stands in a YAML text, one after the other, as libyaml tells it.
///
/// Source: YAML 1.1 as libyaml 0.2.5 reads it.
@safe struct YAMLEvents: ~Copyable {
  enum Event {
    case alias(String)
    case scalar(String, isPlain: Bool, isBlock: Bool, anchor: String?)
    case sequenceStart(anchor: String?)
    case mappingStart(anchor: String?)
    case end
    /// A document begins.
    case document
    case streamEnd
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The line where the last event began, counted from 1.
  private(set) var line = 1

  /// `text` must stay where it is for as long as this is there.
  @unsafe init(_ text: UnsafeBufferPointer<UInt8>) throws(TableError) {
    unsafe parser = .allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.deallocate()
      throw TableError(line: 0, expected: "YAML or JSON", found: "more than there is memory for")
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  mutating func next() throws(TableError) -> Event {
    while true {
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw error }
      defer { unsafe yaml_event_delete(&event) }
      line = Int(unsafe event.start_mark.line) + 1
      let data = unsafe event.data
      switch unsafe event.type {
      case YAML_ALIAS_EVENT: return .alias(unsafe Self.text(data.alias.anchor) ?? "")
      case YAML_SCALAR_EVENT:
        let value = unsafe UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
        let style = unsafe data.scalar.style
        return .scalar(
          unsafe String(decoding: value, as: UTF8.self), isPlain: style == YAML_PLAIN_SCALAR_STYLE,
          isBlock: style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE,
          anchor: unsafe Self.text(data.scalar.anchor))
      case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: unsafe Self.text(data.sequence_start.anchor))
      case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: unsafe Self.text(data.mapping_start.anchor))
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
      case YAML_DOCUMENT_START_EVENT: return .document
      // The parser tells it again and again once its text has ended.
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
      default: continue
      }
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
  }

  /// Why the parser cannot go on.
  private var error: TableError {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "no YAML"
    let line = unsafe Int(parser.pointee.problem_mark.line) + 1
    switch unsafe parser.pointee.error {
    case YAML_SCANNER_ERROR: return TableError(line: line, expected: "YAML or JSON", found: problem)
    case YAML_PARSER_ERROR where problem.hasPrefix("Maximum nesting level"): return .tooDeep(at: line)
    case YAML_PARSER_ERROR: return TableError(line: line, expected: "YAML or JSON", found: problem)
    // Octets that are no text stand at no line.
    default: return TableError(line: 0, expected: "YAML or JSON", found: problem)
    }
  }
}

extension TableError {
  /// Values in values, deeper than any that means something.
  static func tooDeep(at line: Int) -> TableError {
    TableError(line: line, expected: "values at most \(YAMLReader.depthLimit) levels deep", found: "more")
  }
}
