extension SavedReport.Service {
  /// Shares of the flows, for counts differ from one capture to the next. What is left is direct.
  func flowChanges(to later: Self) -> [ReportDiff.Change] {
    guard let flows, let others = later.flows else { return [] }
    let paths: [(name: String, isFault: Bool, flows: KeyPath<SavedReport.Flows, UInt64>)] = [
      ("via the balancer", true, \.viaBalancer), ("bypassed", true, \.bypassed),
      ("unanswered", true, \.unanswered), ("undecided", false, \.undecided),
    ]
    return paths.compactMap { path in
      guard let before = FlowShare(flows[keyPath: path.flows], of: flows.total),
        let after = FlowShare(others[keyPath: path.flows], of: others.total),
        before.differs(from: after) || path.isFault && before.flows == 0 && after.flows > 0
      else { return nil }
      let effect: ReportDiff.Change.Effect = !path.isFault ? .other : after.share > before.share ? .worse : .better
      return ReportDiff.Change(
        effect: effect, service: service, subject: .flows, name: path.name, before: before.percent,
        after: after.percent, detail: "\(before.flows) of \(before.total), then \(after.flows) of \(after.total)")
    }
  }
}

private struct FlowShare {
  var flows: UInt64
  var total: UInt64
  var share: Double

  /// `nil` where there was no flow, so that nothing can be said of them, and where the counts contradict each other.
  init?(_ flows: UInt64, of total: UInt64) {
    guard total > 0, flows <= total else { return nil }
    self.flows = flows
    self.total = total
    share = Double(flows) / Double(total)
  }

  /// By more than a point, and by more than one flow makes where there are few.
  func differs(from other: FlowShare) -> Bool {
    abs(share - other.share) > max(0.01, 1 / Double(min(total, other.total))) + 1e-9
  }

  var percent: String {
    let tenths = (share * 1000).rounded()
    return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths) / 10)%" : "\(tenths / 10)%"
  }
}
