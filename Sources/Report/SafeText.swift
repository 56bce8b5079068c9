extension StringProtocol {
  /// This text with every character that could steer a terminal, or reorder what stands on it, written as an escape:
  /// file names and addresses come from strangers.
  public var withoutControls: String {
    guard unicodeScalars.contains(where: \.steersTerminal) else { return String(self) }
    var safe = ""
    for scalar in unicodeScalars {
      if scalar.steersTerminal {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }
}

extension Unicode.Scalar {
  /// C0 and C1 controls, line and paragraph separators, the format characters, which hold the bidirectional ones, and
  /// noncharacters, which XML does not take.
  var steersTerminal: Bool {
    if isASCII { return value < 0x20 || value == 0x7f }
    if value & 0xfffe == 0xfffe { return true }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
