/// The page's style sheet, in the colours of the drawings.
enum HTMLStyle {
  static let page = Markup(
    asWritten: """
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 0 1rem 3rem; max-width: 64rem; background: var(--paper); color: var(--ink);
        font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
      header { margin: 1.5rem 0; padding: .75rem 1rem; border: 2px solid; border-left-width: .75rem; border-radius: .375rem;
        background: var(--card); }
      header p { margin: .25rem 0; color: var(--ink); }
      h1 { margin: 0; font-size: 1.75rem; line-height: 1.3; }
      h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; line-height: 1.4; }
      h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
      .badge { white-space: nowrap; }
      th { overflow-wrap: normal; }
      summary > h2 { display: inline; }
      details { margin: .25rem 0; }
      section > details { margin: 1.5rem 0; }
      summary { cursor: pointer; }
      dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1rem; margin: .5rem 0; }
      dt { grid-column: 1; color: var(--faint); max-width: 22rem; }
      dd { grid-column: 2; margin: 0; min-width: 0; }
      dd.warning { color: var(--inconclusive); }
      article { margin: 1.5rem 0; padding: .25rem 1rem .5rem; border: 1px solid var(--rule); border-left: .375rem solid;
        border-radius: .375rem; background: var(--card); }
      article > * { color: var(--ink); }
      article > h3 { margin: .5rem 0; color: inherit; }
      article > p { margin: .5rem 0; }
      .policy { font-weight: 600; }
      .evidence { padding-top: .5rem; border-top: 1px solid var(--rule); }
      code, .mono { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .875rem; }
      code { display: block; padding: .25rem .5rem; border: 1px solid var(--rule); border-radius: .25rem;
        background: var(--paper); user-select: all; }
      table { width: 100%; border-collapse: collapse; }
      th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
      th { color: var(--faint); font-weight: 400; }
      a { color: inherit; }
      figure { margin: .5rem 0 1rem; }
      figcaption { color: var(--faint); }
      .drawings { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
      .drawing { overflow-x: auto; margin: .75rem 0; max-width: 100%; }
      .drawing svg { display: block; max-width: 100%; height: auto; }
      @media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dt, dd { grid-column: 1; }
        dd + dt { margin-top: .375rem; } }
      @media print { body { max-width: none; padding: 0; font-size: .8rem; } .drawing { overflow: visible; }
        .drawing svg { min-width: 0 !important; } article, .drawing, .evidence { break-inside: avoid; }
        h2, h3 { break-after: avoid; } details::details-content { content-visibility: visible; block-size: auto; } }
      """)
}
