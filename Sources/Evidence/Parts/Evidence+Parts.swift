import Wire

extension Evidence {
  /// Puts together what was read: files that are parts of one capture, as they adjoin or the user gives them one name, make
  /// one. `docs/verdict.md` has the rules.
  public static func united(_ parts: [CapturePart]) -> Evidence {
    let captures = CaptureOfParts.all(parts)
    if captures.count == 1, parts.count == 1, captures[0].isAsRead {
      var evidence = parts[0].evidence
      if !evidence.captures.isEmpty { evidence.captures[0].name = parts[0].name }
      return evidence
    }
    var evidence = Evidence()
    for capture in captures { capture.add(to: &evidence) }
    evidence.noteFollowers(captures)
    return evidence
  }

  /// Notes captures that look like parts of another, but for their names.
  private mutating func noteFollowers(_ all: [CaptureOfParts]) {
    for later in all where later.name == nil {
      let earlier = all.first { $0.name == nil && $0.path != later.path && $0.mayGoOn(with: later) }
      guard let earlier, let number = captures.firstIndex(where: { $0.path == later.path }) else { continue }
      captures[number].perhapsPartOf = earlier.path
    }
  }
}

/// The files of one capture.
private struct CaptureOfParts {
  private(set) var parts: [CapturePart]
  var name: String? { parts[0].name }
  var path: String { parts[0].path }

  private var last: CapturePart { parts[parts.count - 1] }

  /// In the order in which their first files were named.
  static func all(_ parts: [CapturePart]) -> [CaptureOfParts] {
    let order = parts.indices.sorted { one, other in
      (parts[one].times?.lowerBound ?? .latest, one) < (parts[other].times?.lowerBound ?? .latest, other)
    }
    var found: [(first: Int, capture: CaptureOfParts)] = []
    for index in order {
      let part = parts[index]
      if let place = found.firstIndex(where: { $0.capture.goesOn(with: part) }) {
        found[place].capture.parts.append(part)
        found[place].first = min(found[place].first, index)
      } else {
        found.append((index, CaptureOfParts(parts: [part])))
      }
    }
    return found.sorted { $0.first < $1.first }.map(\.capture)
  }

  private func goesOn(with part: CapturePart) -> Bool {
    if name != nil || part.name != nil { return name == part.name }
    let isRing = RingName(path: last.path).map { $0 == RingName(path: part.path) } ?? false
    // A ring's last file may be empty yet.
    if part.times == nil { return isRing }
    guard last.precedes(part) else { return false }
    let (own, others) = (Neighbourhood(last.evidence), Neighbourhood(part.evidence))
    if isRing, RingName(path: part.path)?.style == .program { return own.hasStationsInCommon(with: others) }
    let isSameInterface =
      !part.interfaces.isEmpty && last.interfaces == part.interfaces
      && part.interfaces.allSatisfy { !$0.name.isEmpty && !$0.origin.isEmpty }
    return (isRing || isSameInterface) && own.isPlaceOf(others)
  }

  /// Times and stations allow it.
  func mayGoOn(with other: CaptureOfParts) -> Bool {
    last.precedes(other.parts[0])
      && Neighbourhood(last.evidence).isPlaceOf(Neighbourhood(other.parts[0].evidence))
  }

  /// It is one file, each of whose interfaces is a place of its own.
  var isAsRead: Bool { parts.count == 1 && Interfaces(of: parts).isAsRead }

  func add(to evidence: inout Evidence) {
    let interfaces = Interfaces(of: parts)
    var before: UInt64 = 0
    for (index, part) in parts.enumerated() {
      evidence.merge(part.evidence, as: path, behind: before) { point in
        CapturePoint(
          capture: point.capture, interface: interfaces.number(of: point.interface, ofPart: index),
          interfaceIndex: point.interfaceIndex)
      }
      before += part.lastFrame
    }
    guard let number = evidence.captures.firstIndex(where: { $0.path == path }) else { return }
    evidence.captures[number].name = name
    evidence.captures[number].interfaces = interfaces.names
    evidence.captures[number].evidenceFile = parts.lazy.compactMap(\.summary.evidenceFile).first
    guard parts.count > 1 else { return }
    let summaries = parts.map(\.summary)
    let drops = summaries.compactMap(\.dropped)
    evidence.captures[number].dropped = drops.isEmpty ? nil : drops.reduce(0) { $0.addingSaturated($1) }
    evidence.captures[number].showsBothDirections = summaries.allSatisfy(\.showsBothDirections)
    evidence.captures[number].parts = parts.map { CaptureFile(path: $0.path, lastFrame: $0.lastFrame) }
  }
}

/// Which interfaces of a capture's files are the same.
private struct Interfaces {
  /// By part and its own number.
  private var numbers: [[Int]] = []
  private var known: [Known] = []

  fileprivate struct Known {
    var interface: CapturePart.Interface
    var part: Int
    var last: Timestamp?
    var neighbourhood: Neighbourhood
  }

  /// One after the other in time: sections that were joined have interfaces of their own, and so have files.
  init(of parts: [CapturePart]) {
    for (index, part) in parts.enumerated() {
      let spans = part.evidence.spans(ofInterfaces: part.interfaces.count)
      let neighbourhoods = Neighbourhood.ofInterfaces(part.interfaces.count, part.evidence)
      var numbers = Array(repeating: 0, count: part.interfaces.count)
      let order = part.interfaces.indices.sorted {
        (spans[$0]?.lowerBound ?? .latest, $0) < (spans[$1]?.lowerBound ?? .latest, $1)
      }
      for number in order {
        let interface = part.interfaces[number]
        let neighbourhood = neighbourhoods[number]
        let span = part.interfaces.count == 1 ? part.times : spans[number]
        // Of several without a name the one with the same number.
        let goesOn = { (known: Known) in
          known.goesOn(with: interface, from: span, neighbourhood, isSamePart: known.part == index)
        }
        let same =
          known.indices.contains(number) && goesOn(known[number]) ? number : known.firstIndex(where: goesOn)
        if let same {
          numbers[number] = same
          known[same].part = index
          known[same].last = [known[same].last, span?.upperBound].compactMap(\.self).max()
        } else {
          numbers[number] = known.count
          known.append(
            Known(interface: interface, part: index, last: span?.upperBound, neighbourhood: neighbourhood))
        }
      }
      self.numbers.append(numbers)
    }
    keepNumbers()
  }

  /// Where nothing was joined, the numbers are the file's own.
  private mutating func keepNumbers() {
    guard numbers.count == 1, known.count == numbers[0].count else { return }
    known = numbers[0].map { known[$0] }
    numbers[0] = Array(numbers[0].indices)
  }

  var isAsRead: Bool { numbers.count == 1 && numbers[0] == Array(numbers[0].indices) }
  var names: [String] { known.map(\.interface.name) }

  func number(of interface: Int, ofPart part: Int) -> Int {
    numbers[part].indices.contains(interface) ? numbers[part][interface] : interface
  }
}

extension Interfaces.Known {
  fileprivate func goesOn(
    with other: CapturePart.Interface, from span: ClosedRange<Timestamp>?, _ place: Neighbourhood, isSamePart: Bool
  ) -> Bool {
    guard interface.linkType == other.linkType, interface.name == other.name else { return false }
    if let last, let span, span.lowerBound.seconds(since: last) < -0.01 { return false }
    // That both are parts of one capture is known of files, and not of interfaces of one.
    if !isSamePart { return true }
    return interface.origin == other.origin && span != nil && last != nil && neighbourhood.isPlaceOf(place)
  }
}

extension Evidence {
  /// From the first to the last frame of each interface of the only capture, as far as flows and claims tell.
  fileprivate func spans(ofInterfaces count: Int) -> [ClosedRange<Timestamp>?] {
    var spans: [ClosedRange<Timestamp>?] = Array(repeating: nil, count: count)
    guard count > 1 else { return spans }
    let links = links
    func add(_ first: Timestamp, _ last: Timestamp, at point: Int) {
      let interface = points[point].interface
      guard spans.indices.contains(interface), first <= last else { return }
      spans[interface] = spans[interface].map { min($0.lowerBound, first)...max($0.upperBound, last) } ?? first...last
    }
    forEachFlow { _, _, _, fromLower, fromHigher in
      for index in fromLower.indices {
        add(fromLower[index].firstTime, fromLower[index].lastTime, at: links.point(of: fromLower[index].link))
      }
      for index in fromHigher.indices {
        add(fromHigher[index].firstTime, fromHigher[index].lastTime, at: links.point(of: fromHigher[index].link))
      }
    }
    for (claim, tally) in claims { add(tally.firstTime, tally.lastTime, at: claim.point) }
    return spans
  }
}
