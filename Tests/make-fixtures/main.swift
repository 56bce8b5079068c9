import Fixtures
import Foundation

// Writes the captures that are made here, and fixtures/LIST: `swift run make-fixtures [folder]`.
let folder = URL(fileURLWithPath: CommandLine.arguments.dropFirst().first ?? "fixtures", isDirectory: true)
let traps = folder.appendingPathComponent("traps", isDirectory: true)
try? FileManager.default.removeItem(at: traps)
try FileManager.default.createDirectory(at: traps, withIntermediateDirectories: true)
var written = 0
for fixture in Fixture.all {
  guard let bytes = fixture.bytes else { continue }
  try Data(bytes).write(to: folder.appendingPathComponent(fixture.path))
  written += 1
}
try Data(Fixture.list.utf8).write(to: folder.appendingPathComponent("LIST"))
print("wrote \(written) captures and LIST to \(folder.path)")
