extension String {
  private var pathComponents: [Substring] { split(separator: "/") }

  /// The name at the end of a path: `c` of `/a/b/c` and of `b/c/`.
  public var lastPathComponent: String { pathComponents.last.map(String.init) ?? (hasPrefix("/") ? "/" : "") }

  /// The path without its last name: `a` of `a/b`, `/` of `/a`, and nothing of `a`.
  public var parentPath: String {
    let parents = pathComponents.dropLast().joined(separator: "/")
    return hasPrefix("/") ? "/" + parents : parents
  }

  /// A file's name without what stands behind its last dot: `be1` of `be1.txt`, `.be1` of `.be1`.
  public var withoutExtension: String {
    guard let dot = lastIndex(of: "."), dot > startIndex, index(after: dot) < endIndex else { return self }
    return String(self[..<dot])
  }

  /// From the root, without `.` and `..`. No link is followed.
  public var absolutePath: String {
    var places: [Substring] = []
    let whole = hasPrefix("/") ? self : workingFolder + "/" + self
    for component in whole.pathComponents where component != "." {
      if component == ".." { _ = places.popLast() } else { places.append(component) }
    }
    return "/" + places.joined(separator: "/")
  }

  /// Where the path leads once every link is followed. The last name need not be there yet; the same path where a folder is
  /// missing.
  public var resolvedPath: String {
    if let whole = unsafe realpath(self, nil) {
      defer { unsafe free(whole) }
      return unsafe String(cString: whole)
    }
    let parent = parentPath
    guard let folder = unsafe realpath(parent.isEmpty ? "." : parent, nil) else { return self }
    defer { unsafe free(folder) }
    let place = unsafe String(cString: folder)
    return (place == "/" ? "" : place) + "/" + lastPathComponent
  }

  private var workingFolder: String {
    guard let folder = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(folder) }
    return unsafe String(cString: folder)
  }
}
