// What the C++ library and Swift's ask of a glibc newer than 2.34, the one of RHEL 9, in the words of that one. Linked into the
// dsrproof of `make dist` alone.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#define OWN __attribute__((visibility("hidden")))

// Since 2.35 these have a new version, which differs in what it tells of errors alone. The old one is in every glibc.
__asm__(".symver old_hypot, hypot@GLIBC_2.2.5");
__asm__(".symver old_hypotf, hypotf@GLIBC_2.2.5");
double old_hypot(double, double);
float old_hypotf(float, float);
OWN double hypot(double x, double y) { return old_hypot(x, y); }
OWN float hypotf(float x, float y) { return old_hypotf(x, y); }

// Since 2.36: a random number, which cannot fail.
OWN uint32_t arc4random(void) {
  uint32_t number;
  for (size_t filled = 0; filled < sizeof number;) {
    ssize_t count = getrandom((char *)&number + filled, sizeof number - filled, 0);
    if (count > 0) filled += (size_t)count;
  }
  return number;
}
