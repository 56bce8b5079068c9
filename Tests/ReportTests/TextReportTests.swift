import Checks
import Evidence
import Report
import Tables
import Testing

/// The reports as people read them, whole.
@Suite struct TextReportTests {
  @Test func aPassSaysHowItIsProved() {
    #expect(
      Examples.pass.textReport(color: false) == """
        PASS          Replies of tcp://10.1.10.10:80 return straight from the backend to the client.

        tcp://10.1.10.10:80  PASS
          proof       identified: the balancer is known, and the replies avoid it
          vantage     client.pcap: on the client's side, in the VIP's own network
          flows       1, direct
          balancer    06:1f:8a:6c:8e:d2 10.1.10.2, 1 flow; only MAC that answers for the VIP
          backend     06:d2:0a:b1:14:20, 1 flow; sends the replies

                client                         balancer                         backend
           06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
                   │                               │                               │
                   ├─────── request, 1 flow ──────►│                               │
                   │                               │╌╌╌╌╌╌╌ request not seen ╌╌╌╌╌▻│
                   │◄─────────────────────── reply, 1 flow ────────────────────────┤
                   │                               │                               │

        Passed          balancer-bypassed, reply-via-balancer
        Not applicable  connection-refused

        client.pcap     EN10MB, 3 frames, 2019-10-03T01:30:02.579765Z to 2019-10-03T01:30:02.584176Z

        """)
  }

  @Test func whatPolicyMakesOfACheckIsSaidAtItsHead() throws {
    let held = Examples.waived(untilEnded: false).textReport(color: false)
    #expect(
      held.contains(
        "FAILED  DSR001 reply-via-balancer\n  WAIVED until 2026-12-31: be2 is rebuilt\\u{1b}[2J, CHG-1\n"))
    #expect(held.contains("\ntcp://10.1.10.10:80 (shop\\u{1b}[2J)  FAIL\n"))
    #expect(held.contains("UNDECIDED  ARP004 vip-owner-contested\n  WARNING: it does not decide the service\n"))
    let ended = Examples.waived(untilEnded: true).textReport(color: false)
    #expect(ended.contains("\n  NOT WAIVED since its waiver ended on 2026-12-31: be2 is rebuilt"))
  }

  @Test func aFailureShowsTheFrameAndTheWayOut() {
    #expect(
      Examples.fail.textReport(color: false) == """
        FAIL          1 of 2 flows: replies cross the balancer 06:1f:8a:6c:8e:d2.

        tcp://10.1.10.10:80  FAIL
          vantage     switch.pcap (span0): on a mirror port or tap that sees the balancer and the backends
          flows       2: 1 direct, 1 with replies via the balancer
          balancer    06:1f:8a:6c:8e:d2 10.1.10.2, 1 flow; only MAC that answers for the VIP
          backends    06:d2:0a:b1:14:20, 1 flow; sends the replies
                      06:d2:0a:b1:14:21, 1 flow; named by --backend

                client                         balancer                         backend
           06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:21
                   │                               │                               │
                   ├─────────── request ──────────►│                               │
                   │                               ├─────── request, 1 flow ──────►│
                   │                               │◄─────── reply, 1 flow ────────┤
                   │◄─────────── reply ────────────┤                               │
                   │                               │                               │

                client                         balancer                         backend
           06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
                   │                               │                               │
                   ├─────────── request ──────────►│                               │
                   │                               ├─────── request, 1 flow ──────►│
                   │◄─────────────────────── reply, 1 flow ────────────────────────┤
                   │                               │                               │

        FAILED  DSR001 reply-via-balancer
          Backend 06:d2:0a:b1:14:21 sends its replies to the balancer.
          why         Its route to the client leads through the balancer, as it does where the default
                      gateway was set for NAT.
          next        On that backend, set the default gateway to the router: ip route replace default via
                      ROUTER.
          frame       6 of switch.pcap, 2019-10-03T01:30:02.579765Z
            flow      tcp 10.1.10.100:37664 → 10.1.10.10:80, Community ID 1:XvX5Vsx/FbZuKpoEL0Kzqs3e8wo=
            expected  destination MAC other than the balancer's
            actual    destination MAC 06:1f:8a:6c:8e:d2, the balancer's
            filter    frame.number == 6 || (ip.addr == 10.1.10.100 && tcp.port == 37664 && ip.addr == \
        10.1.10.10 && tcp.port == 80)
          line        4 of lb.ipvsadm
            expected  Route or Tunnel
            actual    10.1.10.12:80 Masq

        UNDECIDED  ARP004 vip-owner-contested
          No ARP for the VIP was seen.
          why         The capture holds no ARP.
          next        Capture from before the first connection, without a filter.

        Passed          backend-answers-arp

        switch.pcap     EN10MB, 3 frames, 2019-10-03T01:30:02.579765Z to 2019-10-03T01:30:02.584176Z
                        the file breaks off in the record at byte 4096; all before it was judged
                        1 frame lost before the file was written

        """)
  }

  @Test func whatIsOpenSaysWhatWouldDecideIt() {
    #expect(
      Examples.inconclusive.textReport(color: false) == """
        INCONCLUSIVE  Both halves bear the MAC of a router: capture in the VIP's own network.

        udp://[fd00:10::10]:443  INCONCLUSIVE
          vantage     a.pcap: behind a router, which hides the MACs beyond it
                      b.pcap: the capture does not show where it stood
          flows       4, all undecided

                client                                  router
           06:ba:49:38:53:f0                       00:50:56:00:00:01
                   │                                       │
                   ├────────── request, 12 flows ─────────►│
                   │◄────────── reply, 12 flows ───────────┤
                   │                                       │

        a.pcap          EN10MB, 3 frames, 2019-10-03T01:30:02.579765Z to 2019-10-03T01:30:02.584176Z
        b.pcap          EN10MB, 3 frames, 2019-10-03T01:30:02.579765Z to 2019-10-03T01:30:02.584176Z

        """)
  }

  @Test func failedServicesComeFirst() {
    var verdict = Examples.fail
    var passed = Examples.pass.services[0]
    passed.service.port = 22
    verdict.services.insert(passed, at: 0)
    verdict.checks[1].service.port = 22
    let text = verdict.textReport(color: false)
    #expect(text.contains("\n              2 services: 1 fail, 1 pass.\n\ntcp://10.1.10.10:80  FAIL\n"))
    #expect(text.contains("\n\ntcp://10.1.10.10:22  PASS\n"))
    #expect(text.contains("FAILED  DSR001 reply-via-balancer  tcp://10.1.10.10:80\n"))
    #expect(text.contains("Passed          backend-answers-arp (1 service)\n"))
  }

  @Test func colourIsOnlyThereWhenAskedFor() {
    for verdict in [Examples.pass, Examples.fail, Examples.inconclusive] {
      let (plain, colored) = (verdict.textReport(color: false), verdict.textReport(color: true))
      #expect(!plain.contains("\u{1b}"))
      #expect(colored.hasPrefix("\u{1b}[1;3"))
      #expect(colored.replacing(#/\x1b\[[0-9;]*m/#, with: "") == plain)
    }
  }

  @Test func namesFromStrangersCannotSteerTheTerminal() {
    var verdict = Examples.fail
    let name = "x\u{1b}]0;owned\u{7}\u{9b}2J.pcap"
    verdict.captures[0].path = name
    verdict.services[0].vantages[0].capture = name
    verdict.services[0].vantages[0].interface = "\u{1b}[2J"
    for index in verdict.checks[0].evidence.indices {
      switch verdict.checks[0].evidence[index].source {
      case .frame(var frame):
        frame.capture = name
        verdict.checks[0].evidence[index].source = .frame(frame)
      case .line(let line):
        verdict.checks[0].evidence[index].source = .line(TableLine(path: name, number: line.number))
      }
    }
    verdict.checks[0].summary = "\u{202e}backwards"
    let text = verdict.textReport(color: false)
    #expect(text.contains(#"x\u{1b}]0;owned\u{7}\u{9b}2J.pcap"#))
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    #expect(!text.contains("\u{202e}"))
  }
}
