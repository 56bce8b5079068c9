/// The style of drawings, on a page as in a file of their own. A fault is told by its stroke, its cross and its words; red
/// comes on top.
enum DrawingStyle {
  /// Dark where the reader's system is; paper is always light.
  static let colors = Markup(
    asWritten: """
      :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #57606a; --rule: #d0d7de; --card: #f6f8fa;
        --pass: #116329; --fail: #b3131c; --inconclusive: #7d4e00; }
      @media screen and (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1;
        --rule: #3d444d; --card: #161b22; --pass: #56d364; --fail: #ff7b72; --inconclusive: #e3b341; } }
      .pass { color: var(--pass); } .fail { color: var(--fail); } .inconclusive { color: var(--inconclusive); }

      """)

  /// What stands around the drawings in a file of their own.
  static let file = Markup(
    asWritten: """

      .paper { fill: var(--paper); }
      .heading { font: 700 15px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: currentColor; }
      .words { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); }
      """)

  static let sheet = Markup(
    asWritten: """

      .ladder text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; text-anchor: middle;
        fill: var(--ink); font-size: 12px; }
      .ladder .role { font-weight: 700; }
      .ladder .caption { font-size: 11px; }
      .ladder .label { paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
      .ladder .station { fill: var(--card); stroke: var(--rule); }
      .ladder .lifeline { stroke: var(--rule); stroke-width: 1.5px; }
      .ladder .way { fill: none; stroke: var(--ink); stroke-width: 1.5px; }
      .ladder .head { fill: var(--ink); }
      .ladder .unseen .way { stroke: var(--faint); stroke-dasharray: 2 5; }
      .ladder .unseen .head { fill: none; stroke: var(--faint); }
      .ladder .unseen .label { fill: var(--faint); }
      .ladder .fault .way { stroke: var(--fail); stroke-width: 4px; stroke-dasharray: 11 5; }
      .ladder .fault .head { fill: var(--fail); }
      .ladder .fault .cross { stroke: var(--fail); stroke-width: 4px; fill: none; }
      .ladder .fault .label { fill: var(--fail); font-weight: 700; }
      """)
}
