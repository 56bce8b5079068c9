import Evidence
import Wire

extension CaptureSummary: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("bytes", bytes)
      $0.member("clock", ifThere: clock)
      $0.member("countedOnly", countedOnly)
      $0.member("cutFrames", cutFrames)
      $0.member("dropped", dropped)
      $0.member("evidenceFile", ifThere: evidenceFile)
      $0.member("firstTime", firstTime)
      $0.member("flowsPerKept", flowsPerKept)
      $0.member("frames", frames)
      $0.member("halfOpenFlows", halfOpenFlows)
      $0.member("interfaces", interfaces.map { $0.isEmpty ? nil : $0 })
      $0.member("lastTime", lastTime)
      $0.member("laterFragments", laterFragments)
      // Where there is one alone.
      $0.member("linkType", linkTypes.count == 1 ? linkTypes[0].name : nil)
      $0.member("linkTypes", linkTypes.map(\.name))
      $0.member("live", live)
      $0.member("name", ifThere: name)
      $0.member("parts", ifThere: parts.isEmpty ? nil : parts.map(\.path))
      $0.member("passedOver", passedOver.sorted { $0.key < $1.key }) { json, reason in
        json.object {
          $0.member("frames", reason.value)
          $0.member("reason", reason.key.name)
          $0.member("tunnel", reason.key.tunnel?.entry.name)
        }
      }
      $0.member("path", path)
      $0.member("perhapsPartOf", ifThere: perhapsPartOf)
      $0.member("truncatedAt", truncatedAt)
      $0.member("tunnelHints", untoldPorts.hints)
      $0.member("undecodedFrames", undecodedFrames)
    }
  }
}

extension CaptureSummary.LiveCounts: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("droppedByInterface", droppedByInterface)
      $0.member("droppedByKernel", droppedByKernel)
      $0.member("lostInterface", lostInterface)
      $0.member("received", received)
    }
  }
}

extension CaptureClock: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("aheadSeconds", (ahead * 1e6).rounded() / 1e6)
      $0.member("byFramesOfBoth", isByFramesOfBoth)
      $0.member("conversations", conversations)
      $0.member("of", of)
    }
  }
}

extension CountedOnly: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("claims", claims)
      $0.member("icmpErrors", errors)
      $0.member("links", links)
      $0.member("pings", pings)
      $0.member("prefixes", prefixes)
    }
  }
}

extension UntoldPorts.Hint: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("frames", frames)
      $0.member("port", port)
      $0.member("tunnel", tunnel.entry.name)
    }
  }
}

extension PassedOver {
  fileprivate var name: String {
    switch self {
    case .tunnel: "tunnel"
    case .nested: "nested"
    case .malformed: "malformed"
    case .cut: "cut"
    case .otherProtocol: "other-protocol"
    case .foreignLink: "foreign-link-type"
    case .unreadLine: "unread-line"
    }
  }
}
