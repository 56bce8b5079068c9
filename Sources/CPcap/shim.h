// libpcap is opened when something is captured or filtered, and linked with nothing: whoever reads files needs none, and on
// Debian it brings libraries of its own, which every start of the program would wait for.
#pragma once

#include <dlfcn.h>
#include <pcap/pcap.h>

#define PCAP_FUNCTIONS(each) \
  each(activate) each(close) each(compile) each(create) each(datalink) each(findalldevs) each(freealldevs) each(freecode) \
  each(get_selectable_fd) each(geterr) each(inject) each(next_ex) each(offline_filter) each(open_dead) \
  each(set_buffer_size) each(set_datalink) each(setdirection) each(set_promisc) each(set_snaplen) each(set_timeout) \
  each(set_tstamp_precision) each(setfilter) each(setnonblock) each(snapshot) each(stats) each(statustostr)

struct pcap_library {
#define PCAP_FIELD(name) __typeof__(&pcap_##name) name;
  PCAP_FUNCTIONS(PCAP_FIELD)
#undef PCAP_FIELD
};

// Opens the library of this name; 0 where there is none with every one of the functions.
static inline int pcap_open_library(const char *name, struct pcap_library *library) {
  void *handle = dlopen(name, RTLD_NOW);
  if (!handle) return 0;
#define PCAP_LOOK_UP(name) \
  if (!(library->name = (__typeof__(library->name))dlsym(handle, "pcap_" #name))) { \
    dlclose(handle); \
    return 0; \
  }
  PCAP_FUNCTIONS(PCAP_LOOK_UP)
#undef PCAP_LOOK_UP
  return 1;
}
