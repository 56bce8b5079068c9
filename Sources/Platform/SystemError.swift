/// What the system refused: errno(3).
public struct SystemError: Error, Equatable, CustomStringConvertible {
  public var number: Int32

  public init(_ number: Int32) { self.number = number }

  public var description: String { systemMessage(number) }
}

/// What the system says about an error number.
public func systemMessage(_ errno: Int32) -> String {
  guard let text = unsafe strerror(errno) else { return "error \(errno)" }
  return unsafe String(cString: text)
}
