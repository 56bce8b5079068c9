import Platform
import Testing

@Suite struct PathTests {
  @Test func aPathIsTakenApart() {
    let cases = [
      ("/a/b/c", "c", "/a/b"), ("b/c/", "c", "b"), ("c", "c", ""), ("/c", "c", "/"), ("/", "/", "/"), ("", "", ""),
      ("a//b", "b", "a"), ("../x.yaml", "x.yaml", ".."),
    ]
    for (path, name, parent) in cases {
      #expect(path.lastPathComponent == name && path.parentPath == parent, "\(path)")
    }
  }

  @Test func anExtensionIsWhatStandsBehindTheLastDot() {
    let cases = [("be1.txt", "be1"), ("be1", "be1"), (".be1", ".be1"), ("a.b.c", "a.b"), ("be1.", "be1."), ("", "")]
    for (name, bare) in cases { #expect(name.withoutExtension == bare, "\(name)") }
  }

  @Test func anAbsolutePathHasNoDots() {
    #expect("/a/./b/../c/".absolutePath == "/a/c")
    #expect("/../..".absolutePath == "/")
    #expect("x".absolutePath.hasSuffix("/x") && "x".absolutePath.hasPrefix("/"))
    #expect("x/..".absolutePath == ".".absolutePath)
  }
}
