import Checks

extension ServiceVerdict {
  /// The way that its flows took, drawn; below it what no drawing has room for.
  var path: Markup {
    let drawings = PathDrawing.drawings(of: legs)
    return Markup {
      if !drawings.isEmpty { Markup("h3") { "Path" } }
      Markup("div", ["class": "drawings"]) {
        for drawing in drawings {
          Markup("div", ["class": "drawing"]) {
            if let ladder = drawing.ladder(of: self) { ladder.element() }
            for line in drawing.listed { Markup("p", ["class": "mono"]) { line } }
            if let remark = drawing.remark { Markup("p") { remark } }
          }
        }
      }
    }
  }
}
