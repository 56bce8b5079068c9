import Wire

/// How far the flows of a service got, as one capture point shows it: of those whose beginning was captured.
public struct Funnel: Sendable {
  /// What a flow goes through, in this order.
  public enum Step: String, Sendable, CaseIterable, Comparable {
    /// The client's SYN, or its datagram.
    case request
    /// It leaves again from who received it.
    case handedOn = "handed-on"
    case synAck = "syn-ack"
    /// The client answers the SYN-ACK, on every leg that carries its SYN.
    case handshake
    /// The server acknowledges the client's data.
    case acknowledged
    /// The server sends data of its own.
    case answered
    /// Both ends close, and nobody resets.
    case closed

    var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: Step, b: Step) -> Bool { a.order < b.order }
  }

  public var place: ServiceVerdict.CaptureVantage
  /// The steps that this place shows, with how many flows reached each.
  public var steps: [(step: Step, flows: Int)]
  /// The first step that not all reach who could: it loses flows, or the capture ended before them. `nil` where none does.
  public var loss: Loss?

  public struct Loss: Sendable {
    /// Flows that reached the step before it.
    public var step: Step
    public var flows: Int
    /// A frame of the first of these.
    public var frame: Exhibit.Frame

    public init(step: Step, flows: Int, frame: Exhibit.Frame) {
      self.step = step
      self.flows = flows
      self.frame = frame
    }
  }

  public init(place: ServiceVerdict.CaptureVantage, steps: [(step: Step, flows: Int)], loss: Loss?) {
    self.place = place
    self.steps = steps
    self.loss = loss
  }
}
