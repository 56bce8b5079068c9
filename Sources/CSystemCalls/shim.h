// What Swift does not see by itself: system calls without a function of their own, and types of headers that Glibc's module
// leaves out.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

// Starts a process that renames files for this one. `paths` holds pairs: a file, and its place. It is told the number of a pair
// over the first end in `line`, and answers over the second with an error number, or 0; when the line ends, it removes the
// files that it did not rename. It reads nothing else, and listens to no signal, for it ends with the line. Returns its number,
// or -1, and errno says why.
static inline int system_start_mover(char *const *paths, int pairs, int *line) {
  int orders[2], answers[2];
  if (pipe(orders) != 0) return -1;
  if (pipe(answers) != 0) {
    close(orders[0]);
    close(orders[1]);
    return -1;
  }
  fcntl(orders[1], F_SETFD, FD_CLOEXEC);
  fcntl(answers[0], F_SETFD, FD_CLOEXEC);
  int process = fork();
  if (process != 0) {
    int reason = errno;
    close(orders[0]);
    close(answers[1]);
    line[0] = orders[1];
    line[1] = answers[0];
    if (process < 0) {
      close(line[0]);
      close(line[1]);
    }
    errno = reason;
    return process;
  }
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  // Whoever waits for the end of a pipe of this run's waits for no mover.
  int open_limit = (int)sysconf(_SC_OPEN_MAX);
  if (open_limit < 0 || open_limit > 4096) open_limit = 4096;
  for (int descriptor = 0; descriptor < open_limit; descriptor++)
    if (descriptor != orders[0] && descriptor != answers[1]) close(descriptor);
  unsigned char is_moved[256] = {0};
  unsigned char number;
  for (;;) {
    ssize_t count = read(orders[0], &number, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    int error = 0;
    if (number >= pairs || is_moved[number]) error = EINVAL;
    else if (rename(paths[2 * number], paths[2 * number + 1]) != 0) error = errno;
    else is_moved[number] = 1;
    if (write(answers[1], &error, sizeof error) != sizeof error) break;
  }
  for (int pair = 0; pair < pairs; pair++)
    if (!is_moved[pair]) unlink(paths[2 * pair]);
  _exit(0);
}

#ifdef __linux__
#include <linux/capability.h>
#include <netpacket/packet.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

// Takes CAP_NET_RAW into effect where the process may have it, as with the file capability cap_net_raw+p: capset(2).
static inline void system_raise_net_raw(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capget, &header, sets) != 0) return;
  sets[0].effective |= sets[0].permitted & (1u << CAP_NET_RAW);
  syscall(SYS_capset, &header, sets);
}

// Gives up every capability, and the way to get one back by running a program: capset(2), prctl(2).
static inline int system_drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}

// Has a program start without the open files from this number on; since glibc 2.34, whose header Swift reads without it.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
static inline int system_close_from(posix_spawn_file_actions_t *actions, int from) {
  return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// On how many processors this process may run (its affinity), or 0 where that is not known: sched_getaffinity(2).
static inline int system_usable_processors(void) {
  unsigned long mask[1024] = {0};
  int count = 0;
  long length = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  for (long index = 0; index < length / (long)sizeof *mask; index++) count += __builtin_popcountl(mask[index]);
  return count;
}
#endif
