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
      figcaption, caption { color: var(--faint); text-align: left; }
      .number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
      .drawings { display: flex; flex-wrap: wrap; gap: 0 2.5rem; }
      .drawing { margin: .75rem 0; max-width: 100%; }
      .drawing svg { display: block; max-width: 100%; height: auto; }

      nav { margin: 0 0 1.5rem; font-size: .875rem; }
      nav ul { margin: .25rem 0 .75rem; padding: 0; list-style: none; }
      nav li { padding: .125rem 0; }
      nav li span { display: block; color: var(--faint); font-size: .75rem; line-height: 1.3; }
      nav p { color: var(--faint); }
      .service, .service > details > div { scroll-margin-top: 3.5rem; }
      @media screen { nav { max-height: min(40vh, 16rem); overflow-y: auto; padding: .5rem .75rem; border: 1px solid var(--rule);
        border-radius: .375rem; } }
      @media screen and (min-width: 64rem) {
        body.many { display: grid; max-width: 84rem; grid-template-columns: 16rem minmax(0, 1fr); column-gap: 2rem;
          align-items: start; }
        .many > header { grid-column: 1 / -1; }
        .many > nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); }
        .many > main > :first-child, .many > main > :first-child h2 { margin-top: 0; } }

      .funnel { width: auto; }
      .funnel th, .funnel td { padding: .0625rem 1rem .0625rem 0; border: 0; }
      .funnel .bar { width: 18rem; padding: 0; }
      .bar svg { display: block; width: 100%; height: 1.375rem; }
      .bar .reached { fill: var(--faint); }
      .bar .lost { fill: none; stroke: var(--fail); stroke-width: 2px; stroke-dasharray: 5 3; }
      .lossy th, .lossy .number { color: var(--fail); font-weight: 700; }

      .sequence { margin: .5rem 0 1rem; font-size: .875rem; }
      .sequence th, .sequence td { padding: .375rem 1rem .375rem 0; border: 0; }
      .sequence thead { border-bottom: 1px solid var(--rule); }
      .sequence thead th { vertical-align: bottom; }
      .sequence th:first-child, .sequence th:nth-child(2) { text-align: right; }
      .sequence .what { max-width: 15rem; }
      .sequence .ends { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
      .sequence .heads { width: 62%; padding-right: 0; overflow-wrap: anywhere; }
      .sequence .lanes { position: relative; padding: 0; }
      .heads div { display: flex; }
      .heads div > span { flex: 1 1 0; min-width: 0; text-align: center; font-size: .75rem; line-height: 1.35; }
      .heads b, .heads span span { display: block; }
      .heads b { color: var(--ink); font-size: .875rem; }
      .lanes > svg { position: absolute; top: 0; left: 0; width: 100%; height: 100%; }
      .lanes .lifeline { stroke: var(--rule); stroke-width: 2px; }
      .lanes .way { fill: none; stroke: var(--ink); stroke-width: 1.5px; }
      .lanes .head { fill: var(--ink); }
      .fault .what { color: var(--fail); font-weight: 700; }
      .fault .way { stroke: var(--fail); stroke-width: 3px; stroke-dasharray: 11 5; }
      .fault .cross { stroke: var(--fail); stroke-width: 4px; fill: none; }
      .fault .head { fill: var(--fail); }

      @media (max-width: 44rem) {
        .sequence tbody, .sequence thead { display: block; }
        .sequence tr { display: grid; grid-template-columns: 3.25rem 4.75rem 1fr; column-gap: .75rem; }
        .sequence th, .sequence td { padding: .25rem 0 0; }
        .sequence .what { max-width: none; }
        .sequence .heads { width: auto; padding-bottom: .25rem; }
        .sequence .heads, .sequence .lanes, .sequence .ends { grid-column: 1 / -1; }
        .sequence .lanes { height: 1.375rem; }
        .heads div > span { font-size: .625rem; } }
      @media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dt, dd { grid-column: 1; }
        dd + dt { margin-top: .375rem; } .funnel, .drawings > figure { width: 100%; } .funnel .bar { width: 50%; } }
      @media print { body { max-width: none; padding: 0; font-size: .8rem; } .drawings { display: block; }
        article, figure, .drawing, .evidence, tr, header { break-inside: avoid; }
        h2, h3, h2 + p, h3 + p, caption, thead { break-after: avoid; } tbody > tr:first-child { break-before: avoid; } details::details-content { content-visibility: visible; block-size: auto; }
        .sequence .heads { width: 52%; } nav ul { columns: 3; } nav li { break-inside: avoid; } }
      """)
}
