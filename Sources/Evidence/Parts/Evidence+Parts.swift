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
    /// Of the captures with a trait the one that ended first.
    var ended: [Neighbourhood.Trait: (at: Timestamp, path: String)] = [:]
    var earlier: [String: String] = [:]
    let unnamed = all.filter { $0.name == nil && $0.begin != nil }
    for later in unnamed.sorted(by: { ($0.begin ?? .latest) < ($1.begin ?? .latest) }) {
      guard let begin = later.begin else { continue }
      let candidates = later.first.neighbourhood.seeks.compactMap { ended[$0] }.filter { begin.follows($0.at) }
      earlier[later.path] = candidates.min { ($0.at, $0.path) < ($1.at, $1.path) }?.path
      guard let end = later.end else { continue }
      for trait in later.last.neighbourhood.offers {
        if let known = ended[trait], (known.at, known.path) <= (end, later.path) { continue }
        ended[trait] = (end, later.path)
      }
    }
    if earlier.isEmpty { return }
    for number in captures.indices { captures[number].perhapsPartOf = earlier[captures[number].path] }
  }
}

/// The files of one capture.
private struct CaptureOfParts {
  private(set) var parts: [CapturePart]
  /// What tells of its first file and its last whether another goes on with it.
  private(set) var first: FilePlace
  private(set) var last: FilePlace
  private(set) var begin: Timestamp?
  private(set) var end: Timestamp?
  var name: String? { parts[0].name }
  var path: String { parts[0].path }

  private init(_ part: CapturePart, at place: FilePlace) {
    (parts, first, last) = ([part], place, place)
    (begin, end) = (part.times?.lowerBound, part.times?.upperBound)
  }

  private mutating func append(_ part: CapturePart, at place: FilePlace) {
    parts.append(part)
    last = place
    end = part.times?.upperBound
  }

  /// In the order in which their first files were named.
  static func all(_ parts: [CapturePart]) -> [CaptureOfParts] {
    let order = parts.indices.sorted { one, other in
      (parts[one].times?.lowerBound ?? .latest, one) < (parts[other].times?.lowerBound ?? .latest, other)
    }
    var found: [(first: Int, capture: CaptureOfParts)] = []
    var byName: [String: Int] = [:]
    var byLikeness: [FilePlace.Likeness: CapturesAlike] = [:]
    for index in order {
      let part = parts[index]
      let place = FilePlace(part, isAlone: parts.count == 1)
      let likenesses = part.name == nil ? place.likenesses : []
      let known =
        part.name.map { byName[$0] }
        ?? likenesses.compactMap { likeness in
          byLikeness[likeness]?.first(before: part.times?.lowerBound) {
            place.goesOn(from: found[$0].capture.last, hasFrames: part.times != nil)
          }
        }.min()
      let number = known ?? found.count
      if let known {
        for likeness in found[known].capture.last.likenesses { byLikeness[likeness]?.remove(known) }
        found[known].capture.append(part, at: place)
        found[known].first = min(found[known].first, index)
      } else {
        found.append((index, CaptureOfParts(part, at: place)))
      }
      if let name = part.name { byName[name] = number }
      for likeness in likenesses { byLikeness[likeness, default: CapturesAlike()].note(number, part.times?.upperBound) }
    }
    return found.sorted { $0.first < $1.first }.map(\.capture)
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

/// What tells whether a file goes on with another.
private struct FilePlace {
  let ring: RingName?
  let neighbourhood: Neighbourhood
  /// `nil` where the file does not tell which they are.
  let interfaces: [CapturePart.Interface]?

  /// What two files have in common where one goes on with the other.
  enum Likeness: Hashable {
    case ring(RingName)
    case interfaces([CapturePart.Interface])
  }

  /// Nothing goes on with a file that is alone: it takes no looking at all that it shows.
  init(_ part: CapturePart, isAlone: Bool) {
    ring = RingName(path: part.path)
    neighbourhood = isAlone ? Neighbourhood() : Neighbourhood(part.evidence)
    let isTold = !part.interfaces.isEmpty && part.interfaces.allSatisfy { !$0.name.isEmpty && !$0.origin.isEmpty }
    interfaces = isTold ? part.interfaces : nil
  }

  var likenesses: [Likeness] { [ring.map(Likeness.ring), interfaces.map(Likeness.interfaces)].compactMap(\.self) }

  /// The times allow it. A ring's last file may be empty yet.
  func goesOn(from other: FilePlace, hasFrames: Bool) -> Bool {
    let isRing = ring != nil && ring == other.ring
    if !hasFrames { return isRing }
    if isRing, ring?.style == .program { return other.neighbourhood.hasStationsInCommon(with: neighbourhood) }
    let isSameInterface = interfaces != nil && interfaces == other.interfaces
    return (isRing || isSameInterface) && other.neighbourhood.isPlaceOf(neighbourhood)
  }
}

/// Captures whose last files are alike, by their numbers, and when each ended.
private struct CapturesAlike {
  private var numbers: [Int] = []
  private var ends: [Timestamp] = []

  /// The first that ended before `begin`, if that is known, and that is such.
  func first(before begin: Timestamp?, where isSuch: (Int) -> Bool) -> Int? {
    for index in numbers.indices where begin?.follows(ends[index]) ?? true {
      if isSuch(numbers[index]) { return numbers[index] }
    }
    return nil
  }

  mutating func note(_ number: Int, _ end: Timestamp?) {
    let index = numbers.firstIndex { $0 > number } ?? numbers.endIndex
    numbers.insert(number, at: index)
    ends.insert(end ?? .latest, at: index)
  }

  mutating func remove(_ number: Int) {
    guard let index = numbers.firstIndex(of: number) else { return }
    numbers.remove(at: index)
    ends.remove(at: index)
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

  /// One after the other in time: sections that were joined have interfaces of their own, and so have files. Or at one time,
  /// with one direction each.
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
          known[same].neighbourhood.addWays(of: neighbourhood)
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
    if let last, let span, !span.lowerBound.follows(last) {
      return interface.origin == other.origin && neighbourhood.isOtherDirection(of: place)
    }
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
