import CPcap
import Wire

/// A filter expression as in tcpdump, compiled by libpcap once for every link type that it meets.
@safe final class CaptureFilter {
  let expression: String
  /// Opened for the first program.
  private var library: pcap_library?
  private var compiled: [(linkType: LinkType, program: UnsafeMutablePointer<bpf_program>)] = unsafe []
  /// By interface, so that finding a frame's program costs an index.
  private var programs: [UnsafeMutablePointer<bpf_program>] = unsafe []

  init(_ expression: String) {
    self.expression = expression
  }

  deinit {
    for index in unsafe compiled.indices {
      unsafe library?.freecode(compiled[index].program)
      unsafe compiled[index].program.deallocate()
    }
  }

  /// Compiles the expression for the interfaces which are new since the last call.
  func compile(for interfaces: [CaptureInterface]) throws(CaptureError.Fault) {
    for interface in unsafe interfaces.dropFirst(programs.count) {
      unsafe programs.append(try program(for: interface.linkType))
    }
  }

  /// Takes the frames that the expression does not match out of `batch`. It must be compiled for their interfaces.
  func hideOthers(in batch: inout FrameBatch) {
    var kept = 0
    // Without it nothing is compiled, for no interface.
    guard let library else { return }
    unsafe batch.bytes.withUnsafeBufferPointer { bytes in
      var header = pcap_pkthdr()
      for index in batch.frames.indices {
        let frame = batch.frames[index]
        let data = unsafe UnsafeBufferPointer(rebasing: bytes[frame.offset..<frame.offset + frame.capturedLength])
        header.caplen = bpf_u_int32(clamping: data.count)
        header.len = bpf_u_int32(clamping: frame.wireLength)
        if unsafe library.offline_filter(programs[frame.interface], &header, data.baseAddress) != 0 {
          batch.frames[kept] = frame
          kept += 1
        }
      }
    }
    batch.frames.removeLast(batch.frames.count - kept)
  }

  private func program(for linkType: LinkType) throws(CaptureError.Fault) -> UnsafeMutablePointer<bpf_program> {
    if let index = unsafe compiled.firstIndex(where: { unsafe $0.linkType == linkType }) {
      return unsafe compiled[index].program
    }
    let library: pcap_library
    do throws(PcapLibrary.Missing) {
      library = try PcapLibrary.functions
    } catch {
      throw .filterNeedsLibrary(expression: expression)
    }
    self.library = library
    // The snap length is only what a program returns for a frame that matches.
    guard let handle = library.open_dead(linkType.dataLinkType, CInt(maximumCapturedLength)) else {
      throw fault(linkType, reason: "no memory for it")
    }
    defer { unsafe library.close(handle) }
    let program = UnsafeMutablePointer<bpf_program>.allocate(capacity: 1)
    unsafe program.initialize(to: bpf_program())
    guard unsafe library.compile(handle, program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      unsafe program.deallocate()
      throw fault(linkType, reason: unsafe library.message(handle))
    }
    unsafe compiled.append((linkType, program))
    return unsafe program
  }

  private func fault(_ linkType: LinkType, reason: String) -> CaptureError.Fault {
    .filterDoesNotCompile(expression: expression, linkType: linkType, reason: reason)
  }
}
