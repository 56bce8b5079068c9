import Checks

/// How far the flows got, drawn: a bar a step, as wide as flows reached it, below one another. What the first step that
/// loses flows loses stands beside its bar, dashed, and in words below them.
extension Funnel {
  /// `nil` where no flow began: there is nothing to draw.
  var table: Markup? {
    guard let most = steps.map(\.flows).max(), most > 0 else { return nil }
    return Markup("table", ["class": "funnel"]) {
      Markup("caption") { place.place }
      for (index, (step, flows)) in steps.enumerated() {
        Markup("tr", ["class": step == loss?.step ? "lossy" : nil]) {
          Markup("th", ["scope": "row"]) { step.words }
          Markup("td", ["class": "number"]) { "\(flows)" }
          Markup("td", ["class": "bar"]) {
            Markup("svg", ["aria-hidden": "true"]) {
              if step == loss?.step, index > 0 { bar(steps[index - 1].flows, of: most, style: "lost") }
              bar(flows, of: most, style: "reached")
            }
          }
        }
      }
    }
  }

  /// What it loses, or that no flow began.
  var remark: Markup {
    guard table != nil else { return Markup("p") { words } }
    return Markup {
      if let loss { Markup("figcaption") { "\(loss.words) of \(loss.frame.capture)" } }
    }
  }

  private func bar(_ flows: Int, of most: Int, style: String) -> Markup {
    // In tenths of a percent; what is there at all can be seen.
    let width = flows == 0 ? 0 : max(10, flows * 1000 / most)
    let percent = { (tenths: Int) in "\(tenths / 10).\(tenths % 10)%" }
    return Markup(
      "rect", ["class": style, "x": percent((1000 - width) / 2), "width": percent(width), "height": "100%"])
  }
}
