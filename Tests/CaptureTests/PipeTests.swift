import Capture
import Foundation
import Testing
import Wire

/// A pipe that is still being written. Each test writes a part only after it has read the one before, so that a reader
/// which waits for more than there is would wait for ever.
@Suite(.timeLimit(.minutes(15))) struct PipeTests {
  private let pipe = Pipe()
  private var path: String { "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)" }

  private func write(_ bytes: [UInt8]) throws {
    try pipe.fileHandleForWriting.write(contentsOf: bytes)
  }

  @Test func framesOfAPcapComeBeforeTheWriterCloses() throws {
    try write(PcapBytes().header())
    try expectFramesOneByOne { PcapBytes().record($0) }
  }

  @Test func framesOfAPcapngComeBeforeTheWriterCloses() throws {
    try write(PcapngBytes().section() + PcapngBytes().interface())
    try expectFramesOneByOne { PcapngBytes().enhanced($0) }
  }

  @Test(arguments: ["gzip", "zstd"])
  func framesOfACompressedCaptureComeBeforeTheWriterCloses(tool: String) throws {
    try write(try compressed(PcapBytes().header(), by: tool))
    try expectFramesOneByOne { try compressed(PcapBytes().record($0), by: tool) }
  }

  private func expectFramesOneByOne(as record: ([UInt8]) throws -> [UInt8]) throws {
    var reader = try CaptureReader(path: path)
    #expect(reader.size == nil)
    var batch = FrameBatch()
    for index in 1...20 {
      try write(try record(frameData(index)))
      repeat {
        #expect(try reader.read(into: &batch))
      } while batch.frames.isEmpty
      #expect(batch.frames.map(\.number) == [UInt64(index)])
      let data = batch.frames.map { Array(batch.bytes[$0.offset..<$0.offset + $0.capturedLength]) }
      #expect(data == [frameData(index)])
    }
    try pipe.fileHandleForWriting.close()
    #expect(try !reader.read(into: &batch))
    #expect(reader.truncatedAt == nil)
  }

  @Test func aRecordInPiecesIsPutTogether() async throws {
    let bytes = PcapBytes().header() + PcapBytes().record(frameData(1)) + PcapBytes().record(frameData(2))
    let writer = pipe.fileHandleForWriting
    async let writing: Void = Task.detached {
      for byte in bytes { try writer.write(contentsOf: [byte]) }
      try writer.close()
    }.value
    let contents = read(path: path)
    try await writing
    #expect(contents.error == nil)
    #expect(contents.data == [frameData(1), frameData(2)])
  }

  @Test func aWriterThatStopsInARecordLeavesTheFramesBefore() throws {
    try write(PcapBytes().header() + PcapBytes().record(frameData(1)) + PcapBytes().record(frameData(2)).dropLast())
    try pipe.fileHandleForWriting.close()
    let contents = read(path: path)
    #expect(contents.data == [frameData(1)])
    #expect(contents.truncatedAt == 100)
  }

  @Test func aPipeThatIsEmptyIsToldFromAWaitingOne() throws {
    try pipe.fileHandleForWriting.close()
    #expect(read(path: path).error?.fault == .empty)
  }
}
