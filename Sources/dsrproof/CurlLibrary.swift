import CCurl
import Platform

/// libcurl, opened when it is needed.
@safe struct CurlLibrary {
  typealias Handle = UnsafeMutableRawPointer
  private let setOption: UnsafeMutableRawPointer
  private let getInfo: UnsafeMutableRawPointer
  let begin: @convention(c) () -> Handle?
  let end: @convention(c) (Handle?) -> Void
  let perform: @convention(c) (Handle?) -> CURLcode
  private let text: @convention(c) (CURLcode) -> UnsafePointer<CChar>?
  private let append:
    @convention(c) (UnsafeMutablePointer<curl_slist>?, UnsafePointer<CChar>?) -> UnsafeMutablePointer<
      curl_slist
    >?
  private let freeList: @convention(c) (UnsafeMutablePointer<curl_slist>?) -> Void

  /// `nil` where the system has none.
  init?() {
    let names = ["libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"]
    guard let library = unsafe names.lazy.compactMap({ unsafe dlopen($0, RTLD_NOW) }).first,
      let setOption = unsafe dlsym(library, "curl_easy_setopt"),
      let getInfo = unsafe dlsym(library, "curl_easy_getinfo"),
      let begin = unsafe dlsym(library, "curl_easy_init"), let end = unsafe dlsym(library, "curl_easy_cleanup"),
      let perform = unsafe dlsym(library, "curl_easy_perform"),
      let text = unsafe dlsym(library, "curl_easy_strerror"),
      let append = unsafe dlsym(library, "curl_slist_append"),
      let freeList = unsafe dlsym(library, "curl_slist_free_all")
    else { return nil }
    unsafe self.setOption = setOption
    unsafe self.getInfo = getInfo
    unsafe self.begin = unsafeBitCast(begin, to: (@convention(c) () -> Handle?).self)
    unsafe self.end = unsafeBitCast(end, to: (@convention(c) (Handle?) -> Void).self)
    unsafe self.perform = unsafeBitCast(perform, to: (@convention(c) (Handle?) -> CURLcode).self)
    unsafe self.text = unsafeBitCast(text, to: (@convention(c) (CURLcode) -> UnsafePointer<CChar>?).self)
    unsafe self.append = unsafeBitCast(
      append,
      to: (@convention(c) (UnsafeMutablePointer<curl_slist>?, UnsafePointer<CChar>?) -> UnsafeMutablePointer<
        curl_slist
      >?)
      .self)
    unsafe self.freeList = unsafeBitCast(
      freeList, to: (@convention(c) (UnsafeMutablePointer<curl_slist>?) -> Void).self)
  }

  func set(_ option: CURLoption, _ value: String, on handle: Handle) {
    _ = unsafe curl_call_set_string(setOption, handle, option, value)
  }

  func set(_ option: CURLoption, _ value: Int, on handle: Handle) {
    _ = unsafe curl_call_set_long(setOption, handle, option, value)
  }

  /// Sets what a file holds; false where libcurl is too old to take it.
  func set(_ option: CURLoption, _ bytes: [UInt8], on handle: Handle) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe curl_call_set_blob(setOption, handle, option, bytes.baseAddress, bytes.count) == CURLE_OK
    }
  }

  /// Shows a token with each request: RFC 6750.
  func setBearer(_ token: String, on handle: Handle) {
    unsafe set(CURLOPT_XOAUTH2_BEARER, token, on: handle)
    unsafe set(CURLOPT_HTTPAUTH, curl_bearer(), on: handle)
  }

  /// Performs the request, and returns what came back; nothing but the code where it was more than `limit` bytes.
  func answer(of handle: Handle, atMost limit: Int) -> (code: CURLcode, body: [UInt8]) {
    var body = unsafe curl_body(bytes: nil, count: 0, limit: limit)
    let code = unsafe withUnsafeMutablePointer(to: &body) { body in
      _ = unsafe curl_call_keep_body(setOption, handle, body)
      return unsafe perform(handle)
    }
    defer { unsafe free(body.bytes) }
    return unsafe (code, Array(UnsafeRawBufferPointer(start: body.bytes, count: body.count)))
  }

  func discardBody(of handle: Handle) { _ = unsafe curl_call_discard_body(setOption, handle) }

  /// Sets a list of one text, which lives while `body` runs.
  func with<Result>(_ option: CURLoption, _ text: String, on handle: Handle, _ body: () -> Result) -> Result {
    let list = unsafe append(nil, text)
    defer { unsafe freeList(list) }
    _ = unsafe curl_call_set_list(setOption, handle, option, list)
    return body()
  }

  func number(_ info: CURLINFO, of handle: Handle) -> Int {
    var value = 0
    _ = unsafe curl_call_get_long(getInfo, handle, info, &value)
    return value
  }

  /// In seconds.
  func time(_ info: CURLINFO, of handle: Handle) -> Double {
    var value: curl_off_t = 0
    _ = unsafe curl_call_get_time(getInfo, handle, info, &value)
    return Double(value) / 1e6
  }

  func string(_ info: CURLINFO, of handle: Handle) -> String? {
    var value = unsafe UnsafeMutablePointer<CChar>?.none
    _ = unsafe curl_call_get_string(getInfo, handle, info, &value)
    return unsafe value.map { unsafe String(cString: $0) }
  }

  func message(_ code: CURLcode) -> String { unsafe text(code).map { unsafe String(cString: $0) } ?? "failed" }
}
