import Foundation
import TestSupport
import Testing

@testable import dsrproof

/// `-o prometheus=FILE`, for a collector that reads the folder at any time.
@Suite struct PrometheusCommandTests {
  @Test func theFileSaysWhenAndByWhomTheVerdictWasReached() throws {
    let folder = try TemporaryFolder()
    let start = Date.now.timeIntervalSince1970.rounded(.down)
    let result = try Executable.run(
      "-r", Repository.fixture("lab/route/client.pcap"), "--vip", "10.1.10.10:80", "-o",
      "prometheus=\(folder.path("dsrproof.prom"))")
    #expect(result.status == 0)
    #expect(try folder.names == ["dsrproof.prom"])
    let metrics = try folder.text("dsrproof.prom")
    #expect(metrics.contains("\ndsrproof_build_info{version=\"\(DSRProof.version)\"} 1\n"))
    let time = try #require(
      metrics.firstMatch(of: /\ndsrproof_run_timestamp_seconds ([0-9]+)\n/).flatMap { Double($0.1) })
    #expect(time >= start && time <= Date.now.timeIntervalSince1970)
    #expect(metrics.contains("\ndsrproof_service_verdict{service=\"tcp://10.1.10.10:80\",verdict=\"pass\"} 1\n"))
  }
}
