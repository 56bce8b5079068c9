import Evidence
import Wire

extension Flow: JSONValue {
  func write(to json: inout JSONWriter) {
    json.object {
      $0.member("client", client.address)
      $0.member("clientPort", client.port)
      $0.member("communityId") { $0.quote(appendCommunityID) }
      $0.member("protocol", transport.name)
      $0.member("server", server.address)
      $0.member("serverPort", server.port)
    }
  }
}

extension FlowTrace {
  func write(to json: inout JSONWriter, _ places: FlowPlaces) {
    json.object {
      $0.member("direction", direction.rawValue)
      $0.member("flow", flow)
      // The published schema's name, which readers of the document rely on.
      $0.member("hops", links) { $1.write(to: &$0, places) }
    }
  }
}

extension LinkTrace {
  fileprivate func write(to json: inout JSONWriter, _ places: FlowPlaces) {
    let (first, encapsulation) = (places.frame(of: self), link.encapsulation)
    json.object {
      $0.member("capture", first.path)
      $0.member("destinationMAC", link.destination)
      $0.member("encapsulation", encapsulation.names)
      $0.member("firstFrame", first.number)
      $0.member("firstTime", firstTime)
      $0.member("firstTimeNanoseconds", firstTime.nanoseconds % 1000)
      $0.member("frames", frames)
      $0.member("half", half.rawValue)
      $0.member("interface", places.interface(of: link))
      $0.member("lastTime", lastTime)
      $0.member("lastTimeNanoseconds", lastTime.nanoseconds % 1000)
      $0.member("sourceMAC", link.source)
      $0.member("tunnelDestination", encapsulation.destination)
      $0.member("tunnelIdentifier", encapsulation.identifier)
      $0.member("tunnelSource", encapsulation.source)
      $0.member("vlan", link.vlan.identifiers)
    }
  }
}
