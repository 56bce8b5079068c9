import Wire

/// A line of tshark's default columns, with two columns of MACs among them where they were asked for:
/// `12 0.002539 06:… → 06:…  10.1.10.10 → 10.1.10.100  TCP 74 80 → 37664 [SYN, ACK] Seq=0 …`.
struct ColumnLine {
  /// The MACs of the frame's own link.
  enum Link: Equatable {
    /// No column has them, or not as numbers.
    case untold
    /// Two columns of which nothing on this line tells which is the sender's.
    case unordered(MACAddress, MACAddress)
    case ordered(source: MACAddress, destination: MACAddress)
    /// Of a cooked capture.
    case cooked(MACAddress)
    /// Several layers have MACs, or two columns say different things.
    case contradictory
  }

  enum Time {
    case printed(PrintedTime)
    /// Since the first frame, or since the frame before: the same to look at.
    case counted(nanoseconds: Int64)
  }

  private(set) var time: Time?
  private(set) var link = Link.untold
  private(set) var ends: (source: IPAddress, destination: IPAddress)?
  let protocolName: ArraySlice<UInt8>
  /// Of the frame.
  let length: Int
  let info: ArraySlice<UInt8>

  /// Which of two columns without an arrow is the sender's, where this line tells.
  private(set) var isInOrder: Bool?

  init?(_ line: ArraySlice<UInt8>) {
    guard line.count < 1 << 14 else { return nil }
    var scanner = TextScanner(line)
    scanner.skipBlanks()
    Self.skipNumber(&scanner)
    time = Self.time(&scanner)
    guard let cells = Cells(&scanner) else { return nil }
    (protocolName, length) = (cells.protocolName, cells.length)
    var pairs = cells.pairs
    var singles = cells.singles
    // Columns behind the length, where nothing else has MACs in pairs.
    while let cell = Cells.macs(&scanner) {
      scanner.skipBlanks()
      if Cells.takeArrow(&scanner) {
        guard let second = Cells.macs(&scanner) else { return nil }
        scanner.skipBlanks()
        pairs.append((cell, second))
      } else {
        singles.append(cell)
      }
      guard pairs.count + singles.count < 8 else { return nil }
    }
    info = scanner.rest
    guard setEnds(pairs) else { return nil }
    setLink(pairs, singles)
  }

  /// What was taken for the length is the sender's port: there is no such column.
  var hasNoLength: Bool {
    var scanner = TextScanner(info)
    return Cells.takeArrow(&scanner)
  }

  /// The number of a frame.
  private static func skipNumber(_ scanner: inout TextScanner) {
    var look = scanner
    let start = look.position
    guard look.number() != nil, look.begins(with: " ") else { return }
    look.skipBlanks()
    if look.position > start { scanner = look }
  }

  /// As `-t r`, `ad`, `adoy`, `a`, `e` and others print it.
  private static func time(_ scanner: inout TextScanner) -> Time? {
    var look = scanner
    if let year = look.number(), 1970...2106 ~= year, look.take("/"), let day = look.number(), 1...366 ~= day {
      look.skipBlanks()
      guard case .clock(let nanoseconds, nil)? = PrintedTime(&look) else { return nil }
      scanner = look
      let first = PrintedTime.days(year: Int64(year), month: 1, day: 1)
      return .printed(.clock(nanoseconds: nanoseconds, day: first + Int64(day) - 1))
    }
    look = scanner
    let isNegative = look.take("-")
    guard let time = PrintedTime(&look) else { return nil }
    switch time {
    case .clock(_, nil) where isNegative: return nil
    case .clock:
      scanner = look
      // An hour of the day has two digits, so that a first one is none of -ttt's.
      return .printed(time)
    case .epoch(let seconds, let nanoseconds):
      guard look.position > scanner.position else { return nil }
      scanner = look
      // Before 2001 nobody captured with this; a trace of thirty years is none.
      if seconds >= 1_000_000_000, !isNegative { return .printed(time) }
      let whole = Int64(seconds) * 1_000_000_000 + Int64(nanoseconds)
      return .counted(nanoseconds: isNegative ? -whole : whole)
    }
  }

  private mutating func setEnds(_ pairs: [(Cell?, Cell?)]) -> Bool {
    var isKnown = false
    for case (.address(let source)?, .address(let destination)?) in pairs {
      // Only one pair of columns has addresses.
      guard ends == nil, source.version == destination.version else { return false }
      ends = (source, destination)
      isKnown = true
    }
    return isKnown || pairs.contains { if case (.macs?, _) = $0 { true } else { false } }
  }

  private mutating func setLink(_ pairs: [(Cell?, Cell?)], _ singles: [Cell]) {
    var told: [Link] = []
    for pair in pairs {
      switch pair {
      case (.macs(let source)?, .macs(let destination)?):
        guard source.count == 1, destination.count == 1 else {
          link = .contradictory
          return
        }
        told.append(.ordered(source: source[0], destination: destination[0]))
      case (.macs(let source)?, nil):
        guard source.count == 1 else {
          link = .contradictory
          return
        }
        told.append(.cooked(source[0]))
      case (.macs?, _), (_, .macs?):
        link = .contradictory
        return
      default: break
      }
    }
    guard told.allSatisfy({ $0 == told[0] }) else {
      link = .contradictory
      return
    }
    let macs = singles.compactMap { if case .macs(let list) = $0 { list } else { nil } }
    if macs.contains(where: { $0.count > 1 }) || macs.count > 2 {
      link = .contradictory
      return
    }
    if macs.count == 2 { setOrder(macs[0][0], macs[1][0], told.first) } else { link = told.first ?? .untold }
  }

  /// A group's address is never a sender's. The columns of addresses have MACs, in order, where a packet has no addresses.
  private mutating func setOrder(_ first: MACAddress, _ second: MACAddress, _ told: Link?) {
    let isInOrder: Bool?
    switch told {
    case .ordered(source: first, destination: second)?: isInOrder = first == second ? nil : true
    case .ordered(source: second, destination: first)?: isInOrder = false
    case nil where first.isUnicast != second.isUnicast: isInOrder = first.isUnicast
    case nil:
      link = .unordered(first, second)
      return
    default:
      link = .contradictory
      return
    }
    self.isInOrder = isInOrder
    link =
      isInOrder ?? true
      ? .ordered(source: first, destination: second) : .ordered(source: second, destination: first)
  }

  /// What nothing on a line told, another line of the text did; `nil`: none did.
  mutating func order(_ isInOrder: Bool?) {
    guard case .unordered(let first, let second) = link else { return }
    link =
      switch isInOrder {
      case true?: .ordered(source: first, destination: second)
      case false?: .ordered(source: second, destination: first)
      case nil: .untold
      }
  }

  /// What prints such lines with all that is read.
  static let command =
    #"tshark -n -t ad -r FILE --disable-protocol http -o 'gui.column.format:"a","%t","b","%uhs","c","%uhd","d","%s","e","%d","f","%p","g","%L","h","%i"'"#
}

extension ColumnLine {
  /// What stands in a column in front of the protocol.
  enum Cell {
    case address(IPAddress)
    /// One for each layer that has one.
    case macs([MACAddress])
    /// A host's name, or a vendor's in a MAC.
    case name
  }

  /// The columns up to the length.
  struct Cells {
    /// What stands on both sides of an arrow, the sender first. Of a cooked capture there is no receiver.
    var pairs: [(Cell?, Cell?)] = []
    var singles: [Cell] = []
    var protocolName: ArraySlice<UInt8>
    var length: Int

    /// Passes them.
    init?(_ scanner: inout TextScanner) {
      var words: [Word] = []
      while true {
        guard words.count < 24, !scanner.isAtEnd else { return nil }
        if let word = Word(&scanner) {
          words.append(word)
          continue
        }
        let name = scanner.word()
        guard !name.isEmpty, name.count < 64 else { return nil }
        scanner.skipBlanks()
        var look = scanner
        if let length = look.number(), length < 1 << 24, look.begins(with: " ") {
          look.skipBlanks()
          scanner = look
          (protocolName, self.length) = (name, Int(length))
          break
        }
        words.append(.cell(.name))
      }
      pair(words)
      guard !pairs.isEmpty else { return nil }
    }

    private enum Word {
      case cell(Cell)
      case arrow(isBack: Bool)
      /// As of a column of ports.
      case number

      var isArrow: Bool { if case .arrow = self { true } else { false } }

      /// `nil` for a name.
      init?(_ scanner: inout TextScanner) {
        if scanner.begins(with: "\u{2190}") || scanner.begins(with: "<-") {
          _ = scanner.take("\u{2190}") || scanner.take("<-")
          self = .arrow(isBack: true)
        } else if takeArrow(&scanner) {
          self = .arrow(isBack: false)
        } else if let cell = macs(&scanner) {
          self = .cell(cell)
        } else {
          var look = scanner
          let word = look.word()
          if let address = word.count < 64 ? IPAddress(String(decoding: word, as: UTF8.self)) : nil {
            self = .cell(.address(address))
          } else if !word.isEmpty, word.count < 8, word.allSatisfy({ 0x30...0x39 ~= $0 }) {
            self = .number
          } else if word.elementsEqual("Broadcast".utf8) {
            self = .cell(.macs([.broadcast]))
          } else {
            return nil
          }
          scanner = look
        }
        scanner.skipBlanks()
      }
    }

    /// What stands before an arrow is on its left; an empty column is on its right, if another arrow follows.
    private mutating func pair(_ words: [Word]) {
      var left: Cell?
      var place = 0
      while place < words.count {
        switch words[place] {
        case .number: break
        case .cell(let cell):
          if let left { singles.append(left) }
          left = cell
        case .arrow(let isBack):
          var right: Cell?
          if place + 1 < words.count, case .cell(let cell) = words[place + 1] {
            let isLeftOfNext = place + 2 < words.count && words[place + 2].isArrow
            if !isLeftOfNext {
              right = cell
              place += 1
            }
          }
          pairs.append(isBack ? (right, left) : (left, right))
          left = nil
        }
        place += 1
      }
      if let left { singles.append(left) }
    }

    static func takeArrow(_ scanner: inout TextScanner) -> Bool { scanner.take("\u{2192}") || scanner.take("->") }

    /// `06:ba:49:38:53:f0`, or one for each layer with commas between.
    static func macs(_ scanner: inout TextScanner) -> Cell? {
      var look = scanner
      var found: [MACAddress] = []
      repeat {
        guard found.count < 16, let mac = look.mac() else { return nil }
        found.append(mac)
      } while look.take(",")
      guard look.isAtEnd || look.begins(with: " ") || look.begins(with: "\t") else { return nil }
      look.skipBlanks()
      scanner = look
      return .macs(found)
    }
  }
}
