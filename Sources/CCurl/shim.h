// libcurl is opened when a URL is probed, and linked with nothing: it brings dozens of libraries, which every start of
// the program would wait for. Its functions that take arguments of any type are called here, with one type each.
#pragma once
#include <curl/curl.h>

typedef CURLcode (*curl_any_option)(CURL *, CURLoption, ...);
typedef CURLcode (*curl_any_info)(CURL *, CURLINFO, ...);

static inline CURLcode curl_call_set_long(void *function, CURL *handle, CURLoption option, long value) {
  return ((curl_any_option)function)(handle, option, value);
}
static inline CURLcode curl_call_set_string(void *function, CURL *handle, CURLoption option, const char *value) {
  return ((curl_any_option)function)(handle, option, value);
}
static inline CURLcode curl_call_set_list(void *function, CURL *handle, CURLoption option, struct curl_slist *value) {
  return ((curl_any_option)function)(handle, option, value);
}
static inline size_t curl_discard(char *data, size_t size, size_t count, void *user) {
  (void)data, (void)user;
  return size * count;
}
// What comes back is not kept.
static inline CURLcode curl_call_discard_body(void *function, CURL *handle) {
  return ((curl_any_option)function)(handle, CURLOPT_WRITEFUNCTION, curl_discard);
}
static inline CURLcode curl_call_get_long(void *function, CURL *handle, CURLINFO info, long *value) {
  return ((curl_any_info)function)(handle, info, value);
}
static inline CURLcode curl_call_get_time(void *function, CURL *handle, CURLINFO info, curl_off_t *value) {
  return ((curl_any_info)function)(handle, info, value);
}
static inline CURLcode curl_call_get_string(void *function, CURL *handle, CURLINFO info, char **value) {
  return ((curl_any_info)function)(handle, info, value);
}
