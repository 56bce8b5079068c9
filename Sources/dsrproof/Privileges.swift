import CSystemCalls
import Capture
import Platform

/// Takes the right to capture into effect, where the file has it without that (`setcap cap_net_raw+p`): a file that takes it at
/// once does not start where a container's bounding set is without it.
func raisePrivileges() {
  #if os(Linux)
    system_raise_net_raw()
  #endif
}

/// Gives up what opening an interface needed, with no way back: nothing that comes from the wire is read with it.
///
/// Root becomes `user`, or else who called sudo, and what is written is theirs. Where there is neither, returns false: root
/// goes by `dropRoot`, once the outputs are open. Capabilities go in any case.
func dropPrivileges(to user: String?) throws(Failure) -> Bool {
  if geteuid() == 0 {
    if let user {
      guard let entry = unsafe getpwnam(user) else { throw .usage("-Z \(user): there is no such user") }
      try become(uid: unsafe entry.pointee.pw_uid, gid: unsafe entry.pointee.pw_gid, name: user)
    } else if let uid = environment("SUDO_UID").flatMap({ uid_t($0) }), uid != 0,
      let gid = environment("SUDO_GID").flatMap({ gid_t($0) }), let name = environment("SUDO_USER")
    {
      try become(uid: uid, gid: gid, name: name)
    } else {
      return false
    }
  } else if user != nil {
    throw .usage("-Z needs root: only root can become another user")
  }
  try dropCapabilities()
  return true
}

/// Root that no other user was named for becomes the user of the package, or else nobody, as Debian's tcpdump does: after the
/// outputs are open, which stay root's. Where it may not, as in a container that has CAP_NET_RAW alone, or where there is no
/// such user, it stays root by name, and its capabilities go.
func dropRoot(writing outputs: [Output]) throws(Failure) {
  try Output.entrust(outputs)
  if let account = Account(named: "dsrproof") ?? Account(named: "nobody") {
    do throws(Failure) {
      try become(uid: account.uid, gid: account.gid, name: account.name)
    } catch {
      complain("\(error.message); the run goes on without any capability")
    }
  } else {
    complain("there is no user nobody to become; the run goes on without any capability")
  }
  try dropCapabilities()
}

/// A user that is not root.
private struct Account {
  var name: String
  var uid: uid_t
  var gid: gid_t

  init?(named name: String) {
    guard let entry = unsafe getpwnam(name), unsafe entry.pointee.pw_uid != 0 else { return nil }
    self.name = name
    uid = unsafe entry.pointee.pw_uid
    gid = unsafe entry.pointee.pw_gid
  }
}

private func dropCapabilities() throws(Failure) {
  #if os(Linux)
    let error = system_drop_capabilities()
    guard error == 0 else {
      throw .cannotRun("cannot give up capabilities: \(systemMessage(error))")
    }
  #endif
}

private func become(uid: uid_t, gid: gid_t, name: String) throws(Failure) {
  guard unsafe initgroups(name, gid) == 0, setgid(gid) == 0, setuid(uid) == 0 else {
    throw .cannotRun("cannot become \(name): \(systemMessage(errno))")
  }
  // A user that is root again, or can become it, has given up nothing.
  guard uid == 0 || setuid(0) != 0 && geteuid() == uid else {
    throw .cannotRun("cannot give up root for \(name)")
  }
}

/// The line that lets this program capture without root.
func permissionAdvice() -> String {
  #if os(Linux)
    let path = linkTarget("/proc/self/exe") ?? CommandLine.arguments[0]
    return "run it with sudo, or once: sudo setcap cap_net_raw+ep \(path)"
  #else
    return "run it with sudo, or give yourself access to /dev/bpf*"
  #endif
}
