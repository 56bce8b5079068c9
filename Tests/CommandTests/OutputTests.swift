import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// `-o`: whole or not at all.
@Suite struct OutputTests {
  @Test func aFileAppearsOnlyWhenItIsWhole() throws {
    let folder = try TemporaryFolder()
    let output = try Output(path: folder.path("report"))
    #expect(try folder.names == [])
    output.write("whole\n")
    #expect(try !folder.names.contains("report"))
    try output.finish()
    #expect(try folder.names == ["report"])
    #expect(try folder.text("report") == "whole\n")
  }

  /// In a folder where everybody may put files, a link of another user's is not followed; the folder's owner's is, and one's
  /// own.
  @Test func aLinkOfAnotherUserInAFolderForAllIsNotFollowed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "report")
    var (link, shared) = (stat(), stat())
    try #require(unsafe lstat(folder.path("link"), &link) == 0 && stat(folder.path("."), &shared) == 0)
    (link.st_uid, shared.st_uid) = (1001, 0)
    let own = shared
    shared.st_mode |= S_ISVTX | S_IWOTH
    #expect(isForeignLink(link, in: shared, to: 1000))
    #expect(!isForeignLink(link, in: shared, to: 1001))
    #expect(!isForeignLink(link, in: own, to: 1000))
    var file = link
    file.st_mode = S_IFREG | 0o644
    #expect(!isForeignLink(file, in: shared, to: 1000))
    shared.st_uid = 1001
    #expect(!isForeignLink(link, in: shared, to: 1000))
    // Written to as ever.
    #expect(foreignLink(in: folder.path("link"), to: geteuid()) == nil)
  }

  /// Wherever on the way to an output it stands, and whatever the output is.
  @Test(.enabled(if: NetworkNamespaces.isRoot, "needs root, to make a link of another user's"))
  func noOutputGoesThroughALinkOfAnotherUser() throws {
    let (shared, own) = (try TemporaryFolder(), try TemporaryFolder())
    try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: shared.url.path)
    let link = shared.path("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: own.url.path)
    try #require(unsafe lchown(link, 1001, 1001) == 0)
    try FileManager.default.createSymbolicLink(atPath: own.path("way"), withDestinationPath: "\(link)/report")
    let evidence = Repository.fixture("seed.pcap")
    for arguments in [
      ["-i", "lo", "--duration", "100ms", "-w", "\(link)/c.pcapng"],
      ["evidence", "-r", evidence, "-o", "\(link)/e"], ["-r", evidence, "-o", "json=\(link)/folder/report"],
      ["-r", evidence, "-o", own.path("way")], ["collect", link], ["collect", "\(link)/be1"],
    ] {
      let result = try Executable.run(arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.errors.contains("is a symbolic link that another user put into a folder for all"), "\(arguments)")
    }
    #expect(try own.names == ["way"])
  }

  @Test(arguments: [false, true]) func aRunThatASignalOrAnErrorEndsLeavesNoFile(isIgnored: Bool) throws {
    let folder = try TemporaryFolder()
    // The first write of more than a block ends it, or fails.
    let program = "\(isIgnored ? "trap '' XFSZ; " : "")ulimit -f 1; exec \"$@\""
    let result = try CommandLineTool.run(
      "/bin/bash",
      [
        "-c", program, "bash", Executable.url.path, "flows", "-r", Repository.fixture("seed.pcap"), "--format", "json",
        "-o", folder.path("flows.json"),
      ])
    #expect(isIgnored ? result.status == 2 : result.status == SIGXFSZ, "\(result)")
    #expect(!isIgnored || result.errors.contains("flows.json: File too large"))
    #expect(try folder.names == [])
  }

  @Test func withoutAFinishTheOldFileStays() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("report", Data("old\n".utf8))
    do {
      let output = try Output(path: folder.path("report"))
      output.write(String(repeating: "new ", count: 100_000))
    }
    #expect(try folder.names == ["report"])
    #expect(try folder.text("report") == "old\n")
  }

  @Test func aReplacedFileKeepsItsModeAndItsLinks() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("report", Data("old\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "report")
    let output = try Output(path: folder.path("link"))
    output.write("new\n")
    try output.finish()
    #expect(try folder.names == ["link", "report"])
    #expect(try folder.text("report") == "new\n")
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
  }

  @Test func aWrongPlaceIsKnownBeforeTheWork() throws {
    let folder = try TemporaryFolder()
    #expect(throws: Failure.self) { try Output(path: folder.path("no/such/report")) }
    #expect(throws: Failure.cannotRun("cannot write \(folder.url.path): is a directory")) {
      try Output(path: folder.url.path)
    }
  }

  @Test func aCaptureIsNotOverwritten() throws {
    let folder = try TemporaryFolder()
    let capture = try folder.file("client.pcap", SampleCapture.empty)
    let result = try Executable.run("-r", capture.path, "-o", capture.path)
    #expect(result.status == 64)
    #expect(try Data(contentsOf: capture) == SampleCapture.empty)
  }

  @Test func aDeviceIsWrittenAndNotReplaced() throws {
    let output = try Output(path: "/dev/null")
    output.write("text")
    try output.finish()
    let kind = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(kind == .typeCharacterSpecial)
  }

  @Test func theReportGoesToTheFileAlone() throws {
    let folder = try TemporaryFolder()
    let result = try Executable.run("-r", "-", "-o", folder.path("report"), input: SampleCapture.empty)
    #expect(result.status == 3)
    #expect(result.output == "")
    #expect(try folder.text("report").hasPrefix("INCONCLUSIVE "))
  }

  @Test func anInputThatCannotBeReadLeavesTheOldReport() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("report", Data("old\n".utf8))
    let result = try Executable.run("-r", folder.path("none.pcap"), "-o", folder.path("report"))
    #expect(result.status == 2)
    #expect(try folder.names == ["report"])
    #expect(try folder.text("report") == "old\n")
  }
}
