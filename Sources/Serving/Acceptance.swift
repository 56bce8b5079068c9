/// Whether whoever asks would rather have OpenMetrics than Prometheus's own text format: `Accept`, RFC 9110, section 12.5.1.
package func prefersOpenMetrics(accept: [String]) -> Bool {
  var (open, plain) = (0.0, 0.0)
  for range in accept.joined(separator: ",").split(separator: ",").prefix(32) {
    let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
    guard let type = parts.first else { continue }
    let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
    switch type {
    case "application/openmetrics-text": open = max(open, quality)
    case "text/plain": plain = max(plain, quality)
    default: break
    }
  }
  return open > 0 && open >= plain
}
