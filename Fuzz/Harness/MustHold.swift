/// Ends the run, and says why, where something does not hold: an optimised build leaves out what `precondition` says.
func mustHold(
  _ condition: Bool, _ otherwise: @autoclosure () -> String = "this does not hold", at line: Int = #line,
  of file: String = #fileID
) {
  if !condition { fatalError("\(file):\(line): \(otherwise())") }
}
