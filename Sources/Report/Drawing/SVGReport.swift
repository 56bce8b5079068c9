public import Checks

extension Verdict {
  /// The drawings of all services in one SVG file, what fails first.
  public func svgReport() -> String {
    let margin = 16
    var y = margin
    var parts: [Markup] = []
    var width = 0
    func add(_ text: String, _ style: String, height: Int) {
      parts.append(Markup("text", ["class": style, "x": "\(margin)", "y": "\(y + height - 6)"]) { text })
      width = max(width, text.count * 9)
      y += height
    }
    for service in servicesByUrgency {
      add("\(service.title)  \(service.outcome.word)", "heading \(service.outcome.rawValue)", height: 26)
      for line in wrap(service.reason, to: 64) { add(line, "words", height: 18) }
      if !service.assumptions.isEmpty {
        for line in wrap("assuming \(service.assumptionNames)", to: 64) { add(line, "words", height: 18) }
      }
      y += 8
      for drawing in PathDrawing.drawings(of: service.legs) {
        if let ladder = drawing.ladder(of: service) {
          parts.append(Markup("g", ["transform": "translate(\(margin) \(y))"]) { ladder.markup })
          width = max(width, ladder.width)
          y += ladder.height + margin
        }
        for line in drawing.listed { add(line, "words", height: 18) }
        if let remark = drawing.remark { add(remark, "words", height: 18) }
      }
      y += margin
    }
    for line in framelessLines.flatMap({ wrap($0, to: 64) }) { add(line, "words", height: 18) }
    if services.isEmpty { add("\(outcome.word): \(reason)", "heading \(outcome.rawValue)", height: 26) }
    let size = (width: width + 2 * margin, height: y + margin)
    let image = Markup(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size.width) \(size.height)", "width": "\(size.width)",
        "height": "\(size.height)",
      ]
    ) {
      Markup("title") { "\(outcome.word): \(reason)" }
      Markup("style") {
        DrawingStyle.colors
        DrawingStyle.sheet
        DrawingStyle.file
      }
      Markup("rect", ["class": "paper", "width": "100%", "height": "100%"])
      parts
    }
    return image.source + "\n"
  }
}
