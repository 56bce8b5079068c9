// What Swift does not see by itself: system calls without a function of their own, and types of headers that Glibc's module
// leaves out.
#pragma once

#ifdef __linux__
#include <errno.h>
#include <linux/capability.h>
#include <netpacket/packet.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Gives up every capability, and the way to get one back by running a program: capset(2), prctl(2).
static inline int system_drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}
#endif
