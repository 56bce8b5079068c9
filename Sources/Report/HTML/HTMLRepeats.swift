import Checks

/// What services of one page have in common is there once: from the hundredth service on a drawing or a list that an
/// earlier one has is a link to that one. A scan finds thousands that look alike.
struct HTMLRepeats {
  /// Who shows it first.
  private var first: [String: Service] = [:]

  struct Service {
    var number: Int
    var title: String
    /// Of its section, to be linked to.
    var name: String
  }

  /// The piece, or a link to the service that has it; nothing of an empty one. `remark` is the service's own in any case.
  mutating func once(
    _ piece: Markup, called title: StaticString, of service: Service, besides remark: Markup = Markup()
  ) -> Markup {
    guard !piece.source.isEmpty else { return remark }
    guard let earlier = first[piece.source] else {
      first[piece.source] = service
      return Markup {
        piece
        remark
      }
    }
    guard service.number >= Verdict.mostServices else {
      return Markup {
        piece
        remark
      }
    }
    return Markup {
      Markup("p") {
        Markup(asWritten: title)
        ": as of "
        Markup("a", ["href": "#\(earlier.name)"]) { earlier.title }
      }
      remark
    }
  }
}
