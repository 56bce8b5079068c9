/// The types of blocks that are read or written (draft-ietf-opsawg-pcapng, clause 11.1).
enum PcapngBlockType {
  static let sectionHeader: UInt32 = 0x0a0d_0d0a
  static let interfaceDescription: UInt32 = 1
  static let obsoletePacket: UInt32 = 2
  static let simplePacket: UInt32 = 3
  static let interfaceStatistics: UInt32 = 5
  static let enhancedPacket: UInt32 = 6
  static let journalEntry: UInt32 = 9
  static let customCopyable: UInt32 = 0x0000_0bad
  static let customNotCopyable: UInt32 = 0x4000_0bad
  static let sysdigEvent: UInt32 = 0x204
  static let sysdigEvent2: UInt32 = 0x216
  static let sysdigEvent2Large: UInt32 = 0x221
}
