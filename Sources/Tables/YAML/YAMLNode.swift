/// A value in a YAML text. An alias is the value that it stands for.
struct YAMLNode {
  enum Content {
    /// `isPlain`: neither quoted nor a block, so that it may mean null.
    case scalar(String, isPlain: Bool, isBlock: Bool)
    case sequence([YAMLNode])
    case mapping([Member])
  }

  struct Member {
    var key: YAMLNode
    var value: YAMLNode
  }

  var content: Content
  /// Counted from 1.
  var line: Int
  /// How many values it is made of, with itself, and with those that aliases stand for.
  var size: Int
}

extension YAMLNode {
  var text: String? { if case .scalar(let text, _, _) = content { text } else { nil } }
  /// The key of a mapping into which others are merged.
  var isMerge: Bool { if case .scalar("<<", isPlain: true, _) = content { true } else { false } }
  var items: [YAMLNode]? { if case .sequence(let items) = content { items } else { nil } }
  var members: [Member]? { if case .mapping(let members) = content { members } else { nil } }
}
