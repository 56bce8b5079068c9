import ArgumentParser

/// tcpdump's options that make a ring of files. A run that writes one capture at its end has no use for them: a ring is
/// tcpdump's to make, and `watch` judges it as it comes.
struct RotationOptions: ParsableArguments {
  @Option(name: .customShort("G", allowingJoined: true), help: "Refused: tcpdump rotates files.")
  var seconds: String?
  @Option(name: .customShort("C", allowingJoined: true), help: "Refused: tcpdump rotates files.")
  var size: String?
  @Option(name: .customShort("W", allowingJoined: true), help: "Refused: tcpdump rotates files.")
  var count: String?

  func validate() throws {
    guard let option = [(seconds, "-G"), (size, "-C"), (count, "-W")].first(where: { $0.0 != nil })?.1 else { return }
    throw ValidationError(
      """
      \(option) makes a ring of files, which is left to tcpdump: tcpdump -G 60 -w 'ring/%s.pcap' …, and dsrproof watch -r ring \
      judges each as it comes; watch --keep FOLDER keeps the frames of each change alone.
      """)
  }
}
