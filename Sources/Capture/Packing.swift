/// What captures are packed with that is not read here, by how such a file begins.
public enum Packing: String, Sendable, CaseIterable {
  case xz, bzip2, zip, lz4
  case sevenZip = "7-Zip"

  /// Sources: the .xz file format 1.2.1 section 2.1.1.1, bzip2's `BZh`, APPNOTE.TXT 4.3.7, LZ4 frame format 1.6, 7zFormat.txt.
  var magic: [UInt8] {
    switch self {
    case .xz: [0xfd, 0x37, 0x7a, 0x58]
    case .bzip2: [0x42, 0x5a, 0x68]
    case .zip: [0x50, 0x4b, 0x03, 0x04]
    case .lz4: [0x04, 0x22, 0x4d, 0x18]
    case .sevenZip: [0x37, 0x7a, 0xbc, 0xaf]
    }
  }

  init?(beginning: [UInt8]) {
    guard let packing = Self.allCases.first(where: { beginning.starts(with: $0.magic) }) else { return nil }
    self = packing
  }

  /// Writes what is in it to standard output.
  var command: String {
    switch self {
    case .xz: "xz -dc FILE"
    case .bzip2: "bzip2 -dc FILE"
    case .zip: "unzip -p FILE"
    case .lz4: "lz4 -dc FILE"
    case .sevenZip: "7z x -so FILE"
    }
  }
}
