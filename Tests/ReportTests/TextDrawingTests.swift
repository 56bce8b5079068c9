import Checks
import Evidence
import Testing
import Wire

@testable import Report

/// What was seen is drawn, and nothing else is drawn as seen. Dim lines begin with `~`.
@Suite struct TextDrawingTests {
  private static let pictures = [
    "client": """
          client                         balancer                         backend
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├────── request, 12 flows ─────►│                               │
    ~         │                               │╌╌╌╌╌╌╌ request not seen ╌╌╌╌╌▻│
             │◄────────────────────── reply, 12 flows ───────────────────────┤
             │                               │                               │
    """,
    "client, via the balancer": """
          client                                 balancer
     06:ba:49:38:53:f0                       06:1f:8a:6c:8e:d2
             │                                       │
             ├────────── request, 12 flows ─────────►│
             │◄────────── reply, 12 flows ───────────┤
             │                                       │
    """,
    "client, unanswered": """
          client                                 balancer
     06:ba:49:38:53:f0                       06:1f:8a:6c:8e:d2
             │                                       │
             ├────────── request, 12 flows ─────────►│
             │                                       │
    ~No reply was seen.
    """,
    "client, bypassed": """
          client                                  backend
     06:ba:49:38:53:f0                       06:d2:0a:b1:14:20
             │                                       │
             ├────────── request, 12 flows ─────────►│
             │◄────────── reply, 12 flows ───────────┤
             │                                       │
    """,
    "balancer": """
          client                         balancer                         backend
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├────── request, 12 flows ─────►│                               │
             │                               ├────── request, 12 flows ─────►│
    ~         │◅╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ reply not seen ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│
             │                               │                               │
    """,
    "backend, in a tunnel": """
          client                         balancer                         backend
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
    ~         │╌╌╌╌╌╌╌ request not seen ╌╌╌╌╌▻│                               │
             │                               ├── request, 12 flows in ipip ─►│
             │◄────────────────────── reply, 12 flows ───────────────────────┤
             │                               │                               │
    """,
    "mirror": """
          client                         balancer                         backend
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├────── request, 12 flows ─────►│                               │
             │                               ├────── request, 12 flows ─────►│
             │◄────────────────────── reply, 12 flows ───────────────────────┤
             │                               │                               │
    """,
    "mirror behind a router": """
          router                         balancer                         backend
     00:50:56:00:00:01               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├──── request, 200000 flows ───►│                               │
             │                               ├──── request, 200000 flows ───►│
             │◄──────────────────── reply, 200000 flows ─────────────────────┤
             │                               │                               │
    """,
    "neither end known": """
          client                      not identified                  not identified
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├────── request, 12 flows ─────►│                               │
             │◄────────────────────── reply, 12 flows ───────────────────────┤
             │                               │                               │
    """,
    "cooked": """
          client                    backend               not identified            not identified
     06:ba:49:38:53:f0         06:d2:0a:b1:14:20         MAC not recorded          MAC not recorded
             │                         │                         │                         │
             ├──────────────── request, 12 flows ───────────────►│                         │
             │                         ├───────────────── reply, 12 flows ────────────────►│
             │                         │                         │                         │
    """,
    "two captures": """
          client                         balancer                         backend
     06:ba:49:38:53:f0               06:1f:8a:6c:8e:d2               06:d2:0a:b1:14:20
             │                               │                               │
             ├────── request, 12 flows ─────►│                               │
             │                               ├────── request, 11 flows ─────►│
             │◄────────────────────── reply, 12 flows ───────────────────────┤
             │                               │                               │
    """,
    "many stations": """
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:00: request, 12 flows
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:01: request, 12 flows
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:02: request, 12 flows
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:03: request, 12 flows
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:04: request, 12 flows
    client 06:ba:49:38:53:f0 → not identified 02:00:00:00:00:05: request, 12 flows
    """,
  ]

  @Test(arguments: Examples.pictures.map { ($0.key, $0.value) })
  func everyVantageHasItsPicture(name: String, legs: [ServiceVerdict.Leg]) {
    let lines = TextDrawing.lines(of: PathDrawing.drawings(of: legs))
    #expect(lines.map { ($0.style == .dim ? "~" : "") + $0.text }.joined(separator: "\n") == Self.pictures[name])
  }

  @Test func noLegsNoPicture() {
    #expect(TextDrawing.lines(of: PathDrawing.drawings(of: [])).isEmpty)
  }

  @Test func theOrderOfLegsDoesNotMatter() {
    for (_, legs) in Examples.pictures {
      #expect(
        TextDrawing.lines(of: PathDrawing.drawings(of: legs.reversed()))
          == TextDrawing.lines(of: PathDrawing.drawings(of: legs)))
    }
  }

  private static let leak: [ServiceVerdict.Leg] = [
    Examples.leg(.request, .client, .balancer, flows: 3), Examples.leg(.request, .balancer, .backend, flows: 3),
    Examples.leg(.reply, .backend, .balancer, flows: 3, fault: .viaBalancer),
    Examples.leg(.reply, .balancer, .client, flows: 3, fault: .viaBalancer),
  ]

  @Test func aFaultIsHeavyAndCrossedAndNamed() {
    let lines = TextDrawing.lines(of: PathDrawing.drawings(of: Self.leak))
    let faults = lines.filter { $0.style == .red }.map(\.text)
    #expect(
      faults == [
        "         │                               │◄━━ ✗ via the balancer ×3 ✗ ━━━┤",
        "         │◄━━ ✗ via the balancer ×3 ✗ ━━━┤                               │",
      ])
  }

  @Test func inASCIIEveryLineIsASCIIAndTheSamePlace() {
    for legs in Examples.pictures.map(\.value) + [Self.leak] {
      let drawings = PathDrawing.drawings(of: legs)
      let ascii = TextDrawing.lines(of: drawings, ascii: true)
      // Where there is room, a label stands in the same place: only signs differ.
      #expect(ascii.map(\.text.count) == TextDrawing.lines(of: drawings).map(\.text.count))
      let signs = ascii.map(\.text).joined().replacing("→", with: "").replacing("×", with: "")
      #expect(signs.allSatisfy { $0.isASCII })
    }
  }

  @Test func silenceIsAFaultOnlyWhereItWasFoundToBeOne() {
    let first = Examples.leg(.request, .client, .balancer)
    for fault in [nil, ServiceVerdict.Leg.Fault.unanswered] {
      let arrows = PathDrawing.drawings(of: [first, Examples.leg(.request, .balancer, .backend, fault: fault)])[0]
        .arrows
      #expect(arrows.contains { $0.fault == .unanswered } == (fault != nil))
    }
    #expect(PathDrawing.drawings(of: [first])[0].arrows.map(\.fault) == [nil])
  }

  /// A link that some flows took as they should and others not is two arrows, each with its own flows.
  @Test func whatIsWrongWithSomeFlowsIsAnArrowOfItsOwn() {
    var reply = Examples.leg(.reply, .backend, .client)
    reply.carried = .init([1: 5, 2: 7])
    reply.faults = [.refused: .init([2: 7])]
    let arrows = PathDrawing.drawings(of: [Examples.leg(.request, .client, .backend), reply])[0].arrows
    #expect(arrows.filter { $0.half == .reply }.map(\.flows) == [5, 7])
    #expect(arrows.filter { $0.half == .reply }.map(\.fault) == [nil, .refused])
  }

  /// A flow that two MACs of one lane answered is one flow.
  @Test func aFlowIsCountedOnceOnAnArrow() {
    let replies = [Examples.backend, Examples.otherBackend].map { mac in
      var leg = Examples.leg(.reply, .backend, .client, source: mac)
      leg.carried = .init([1: 3])
      return leg
    }
    let arrows = PathDrawing.drawings(of: [Examples.leg(.request, .client, .balancer)] + replies)[0].arrows
    #expect(arrows.filter { $0.half == .reply }.map(\.flows) == [3])
  }

  /// A router has a MAC on each side, and is one station.
  @Test(arguments: [ServiceVerdict.Leg.Role.router, .unknown])
  func aDeviceOfTwoMACsIsOneStation(role: ServiceVerdict.Leg.Role) {
    let (inside, outside) = (MACAddress(0x060c_115e_0001), MACAddress(0x060c_115e_0002))
    var legs = [
      Examples.leg(.request, .client, role, destination: outside),
      Examples.leg(.request, role, .balancer, source: inside),
    ]
    let stations = { PathDrawing.drawings(of: legs)[0].lanes.filter { $0.role == role } }
    #expect(stations().map(\.title) == (role == .router ? ["routers"] : ["not identified", "not identified"]))
    (legs[0].toDevice, legs[1].fromDevice) = (inside, inside)
    #expect(stations().map(\.title) == (role == .router ? ["router"] : ["not identified"]))
    #expect(stations().map(\.macs) == [[inside, outside]])
  }

  /// Forty backends in order and one that is not: two drawings, the faulty one first.
  @Test func backendsThatGoTheSameWayShareADrawing() {
    let request = Examples.leg(.request, .client, .balancer, flows: 41)
    let good = (1...40).flatMap { number -> [ServiceVerdict.Leg] in
      let mac = MACAddress(0x0200_0000_0000 + UInt64(number))
      return [
        Examples.leg(.request, .balancer, .backend, flows: 1, destination: mac),
        Examples.leg(.reply, .backend, .client, flows: 1, source: mac),
      ]
    }
    let bad = [
      Examples.leg(.request, .balancer, .backend, flows: 1),
      Examples.leg(.reply, .backend, .balancer, flows: 1, fault: .viaBalancer),
      Examples.leg(.reply, .balancer, .client, flows: 1, fault: .viaBalancer),
    ]
    let drawings = PathDrawing.drawings(of: good + bad + [request])
    #expect(drawings.map { $0.arrows.contains { $0.fault != nil } } == [true, false])
    #expect(drawings.map { $0.lanes.last?.macs.count } == [1, 40])
    #expect(drawings[1].lanes.last?.captions == ["02:00:00:00:00:01", "02:00:00:00:00:02", "and 38 more"])
  }
}
