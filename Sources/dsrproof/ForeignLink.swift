import Platform

/// The first symbolic link on a path that is somebody else's, in a folder where everybody may put one: whoever follows it
/// writes where that user wants. The kernel guards openings alike (protected_symlinks of proc_sys_fs(5)), but only of the last
/// link of a path, and not what is renamed to where a link leads.
func foreignLink(in path: String, to user: uid_t) -> String? {
  var rest = path.split(separator: "/").map(String.init)
  var folder = path.hasPrefix("/") ? "/" : "."
  // As many as the kernel follows: path_resolution(7).
  var linksLeft = 40
  while !rest.isEmpty, linksLeft > 0 {
    let name = rest.removeFirst()
    let place = folder == "." ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    guard let target = linkTarget(place) else {
      folder = place
      continue
    }
    if isForeignLink(place, in: folder, to: user) { return place }
    linksLeft -= 1
    rest = target.split(separator: "/").map(String.init) + rest
    if target.hasPrefix("/") { folder = "/" }
  }
  return nil
}

private func isForeignLink(_ path: String, in folder: String, to user: uid_t) -> Bool {
  var (link, parent) = (stat(), stat())
  guard unsafe lstat(path, &link) == 0, unsafe stat(folder, &parent) == 0 else { return false }
  return isForeignLink(link, in: parent, to: user)
}

func isForeignLink(_ link: stat, in folder: stat, to user: uid_t) -> Bool {
  let isForAll = folder.st_mode & S_ISVTX != 0 && folder.st_mode & S_IWOTH != 0
  return link.st_mode & S_IFMT == S_IFLNK && isForAll && link.st_uid != user && link.st_uid != folder.st_uid
}
