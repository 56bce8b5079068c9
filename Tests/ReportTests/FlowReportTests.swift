import Checks
import Evidence
import Foundation
import Report
import TestSupport
import Testing

@Suite struct FlowReportTests {
  @Test func csvHasOneRowALink() {
    var csv = ""
    Examples.flows.writeCSV(to: &csv)
    #expect(
      csv == """
        capture,protocol,client,clientPort,server,serverPort,half,sourceMAC,destinationMAC,vlan,encapsulation,\
        frames,firstFrame,communityId
        client.pcap,tcp,10.1.10.100,37664,10.1.10.10,80,request,06:ba:49:38:53:f0,06:1f:8a:6c:8e:d2,,,1,1,\
        1:XvX5Vsx/FbZuKpoEL0Kzqs3e8wo=
        client.pcap,tcp,10.1.10.100,37664,10.1.10.10,80,reply,06:d2:0a:b1:14:20,06:ba:49:38:53:f0,,,2,2,\
        1:XvX5Vsx/FbZuKpoEL0Kzqs3e8wo=
        "mirror, ""two"".pcapng",tcp,10.1.10.100,37664,10.1.10.10,80,request,06:1f:8a:6c:8e:d2,\
        06:d2:0a:b1:14:20,10/20,gre+ipip,1,7,1:XvX5Vsx/FbZuKpoEL0Kzqs3e8wo=
        client.pcap,udp,fd00::64,5353,fd00::10,53,request,06:ba:49:38:53:f0,,,,1,4,\
        1:lYzL0Kuk1D9aerQfxZM1jPjhEpE=

        """)
  }

  /// A name that a spreadsheet would take for a formula is a text, however the cells are separated.
  @Test(arguments: [
    ("=HYPERLINK(\"http://x\",\"y\").pcap", "'=HYPERLINK(\"http://x\",\"y\").pcap"), ("+1.pcap", "'+1.pcap"),
    ("-2+3.pcap", "'-2+3.pcap"), ("@SUM(A1).pcap", "'@SUM(A1).pcap"), ("\t=1.pcap", "'\\u{9}=1.pcap"),
    ("\r=1.pcap", "'\\u{d}=1.pcap"), ("＝1.pcap", "'＝1.pcap"), ("a;=1.pcap", "a;=1.pcap"), ("'=1.pcap", "'=1.pcap"),
    ("a=1.pcap", "a=1.pcap"),
  ])
  func csvHasNoFormula(name: String, cell: String) throws {
    var csv = ""
    Examples.flows(in: name).writeCSV(to: &csv)
    let folder = try TemporaryFolder()
    let file = try folder.file("flows.csv", Data(csv.utf8))
    let program = "import csv, sys; sys.stdout.write(list(csv.reader(open(sys.argv[1], newline='')))[1][0])"
    #expect(try CommandLineTool.output("python3", ["-c", program, file.path]) == cell)
    #expect(!csv.split(separator: "\n").dropFirst().contains { "=+-@＝".contains($0.first ?? " ") })
  }

  @Test func textNamesTheCaptureWhereThereAreSeveral() {
    var text = ""
    Examples.flows.writeText(to: &text)
    #expect(
      text == """
        tcp 10.1.10.100:37664 → 10.1.10.10:80  1:XvX5Vsx/FbZuKpoEL0Kzqs3e8wo=
          request 06:ba:49:38:53:f0 → 06:1f:8a:6c:8e:d2  1 frame, first 1  in client.pcap
          reply   06:d2:0a:b1:14:20 → 06:ba:49:38:53:f0  2 frames, first 2  in client.pcap
          request 06:1f:8a:6c:8e:d2 → 06:d2:0a:b1:14:20  vlan 10.20  gre+ipip  1 frame, first 7  in mirror, \
        "two".pcapng (span0)
        udp [fd00::64]:5353 → [fd00::10]:53  (which end is the client is a guess)  \
        1:lYzL0Kuk1D9aerQfxZM1jPjhEpE=
          request 06:ba:49:38:53:f0 → (not recorded)     1 frame, first 4  in client.pcap
        2 flows

        """)
  }

  @Test func manyFlowsAreWrittenInPieces() throws {
    var output = CountingStream()
    Examples.flows.writeJSON(to: &output)
    #expect(output.writes > 2)
  }

  private struct CountingStream: TextOutputStream {
    var writes = 0
    mutating func write(_ text: String) { writes += 1 }
  }
}
