// libcurl is opened when a URL is asked, and linked with nothing: it brings dozens of libraries, which every start of
// the program would wait for. Its functions that take arguments of any type are called here, with one type each.
#pragma once
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

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
// A macro that casts, which Swift does not read.
static inline long curl_bearer(void) { return (long)CURLAUTH_BEARER; }
// What comes back is not kept.
static inline CURLcode curl_call_discard_body(void *function, CURL *handle) {
  return ((curl_any_option)function)(handle, CURLOPT_WRITEFUNCTION, curl_discard);
}
// What comes back, of which no more than `limit` bytes are kept: then curl fails with CURLE_WRITE_ERROR.
struct curl_body {
  char *bytes;
  size_t count, limit;
};
static inline size_t curl_keep(char *data, size_t size, size_t count, void *user) {
  struct curl_body *body = (struct curl_body *)user;
  size_t length = size * count;
  if (length > body->limit - body->count) return 0;
  char *bytes = (char *)realloc(body->bytes, body->count + length + 1);
  if (!bytes) return 0;
  memcpy(bytes + body->count, data, length);
  body->bytes = bytes;
  body->count += length;
  return length;
}
static inline CURLcode curl_call_keep_body(void *function, CURL *handle, struct curl_body *body) {
  CURLcode code = ((curl_any_option)function)(handle, CURLOPT_WRITEFUNCTION, curl_keep);
  return code ? code : ((curl_any_option)function)(handle, CURLOPT_WRITEDATA, (void *)body);
}
// A file's content in memory, which curl copies; since libcurl 7.71, for authorities since 7.77.
static inline CURLcode curl_call_set_blob(void *function, CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return ((curl_any_option)function)(handle, option, &blob);
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
