/// What the page that follows fetches besides.
public enum LiveFiles {
  public static var style: String {
    Markup {
      DrawingStyle.colors
      HTMLStyle.page
      DrawingStyle.sheet
      live
    }.source
  }

  private static let live = Markup(
    asWritten: """

      :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
      :root { --focus: #0550ae; }
      @media screen and (prefers-color-scheme: dark) { :root { --focus: #79c0ff; } }
      .skip { position: absolute; left: -100rem; padding: .5rem 1rem; background: var(--card); }
      .skip:focus { left: 1rem; top: .5rem; z-index: 1; }
      #connection { margin: 1rem 0 0; font-size: .875rem; color: var(--faint); }
      #connection.lost { padding: .5rem 1rem; border: 2px solid; border-radius: .375rem; color: var(--inconclusive);
        background: var(--card); font-weight: 600; }
      #told { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
      main > header { margin: .75rem 0 0; }
      .aside, .since { margin: .25rem 0; font-size: .875rem; }
      main > header .aside, .aside { color: var(--faint); }
      #services:focus { outline: none; }
      .service > h2 { display: flex; flex-wrap: wrap; gap: 0 .75rem; margin-top: 1.75rem; }
      .service > details > summary { padding: .25rem 0; }
      #changes ol { margin: 0; padding: 0; list-style: none; }
      #changes li { padding: .375rem 0; border-bottom: 1px solid var(--rule); }
      #changes time { display: block; color: var(--faint); font-size: .875rem; }
      footer { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: 2rem; font-size: .875rem; }
      footer a { padding: .5rem 0; }
      """)

  /// Asks for the page's content whenever a window is judged, and changes what differs alone: what has the focus, is selected or
  /// unfolded stays so.
  public static let script = """
    "use strict";
    const main = document.querySelector("main"), connection = document.getElementById("connection");
    const told = document.getElementById("told"), isCalm = matchMedia("(prefers-reduced-motion: reduce)");
    let heard = Date.now(), isConnected = false, isAsking = false, isLate = false;

    // A count of the drawing that moves, and a state that changes, catch the eye.
    function show(element) {
      if (!isCalm.matches && element.matches(".label, .badge")) element.animate([{ opacity: 0.4 }, { opacity: 1 }], 600);
    }
    function attributes(old, fresh) {
      for (const { name } of [...old.attributes])
        if (name != "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
      for (const { name, value } of fresh.attributes)
        if (name != "open" && old.getAttribute(name) != value) old.setAttribute(name, value);
    }
    function children(old, fresh) {
      const named = new Map([...old.children].filter(each => each.id).map(each => [each.id, each]));
      let place = old.firstChild;
      for (const next of [...fresh.childNodes]) {
        const same = next.id ? named.get(next.id) : place;
        if (!same || same.id != next.id || same.nodeName != next.nodeName) {
          old.insertBefore(document.importNode(next, true), place);
          continue;
        }
        if (same != place) old.insertBefore(same, place); else place = place.nextSibling;
        if (same.nodeType == Node.ELEMENT_NODE) {
          attributes(same, next);
          children(same, next);
        } else if (same.data != next.data) {
          same.data = next.data;
          show(same.parentElement);
        }
      }
      while (place) {
        const next = place.nextSibling;
        place.remove();
        place = next;
      }
    }
    function use(text) {
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      const focused = document.activeElement;
      attributes(main, fresh);
      children(main, fresh);
      if (focused && focused.isConnected && document.activeElement != focused) focused.focus({ preventScroll: true });
      document.title = main.dataset.title;
    }
    function say() {
      const quiet = (Date.now() - heard) / 1000, step = Number(main.dataset.step);
      isLate = isConnected && quiet > 3 * step + 5;
      const words = !isConnected ? "Not connected, trying again. What stands here may be old."
        : isLate ? "Connected, but nothing was judged for some time: see health below." : "Connected: this page follows.";
      connection.className = !isConnected || isLate ? "lost" : "";
      if (connection.textContent != words) connection.textContent = words;
    }
    async function ask() {
      if (isAsking) return isAsking = "again";
      isAsking = true;
      try {
        const answer = await fetch("/live.html", { cache: "no-store" });
        if (answer.ok) use(await answer.text());
      } catch { }
      const again = isAsking == "again";
      isAsking = false;
      if (again) ask();
    }
    const events = new EventSource("/events");
    events.onopen = () => { isConnected = true; heard = Date.now(); say(); ask(); };
    events.onerror = () => { isConnected = false; say(); };
    events.addEventListener("judged", () => { heard = Date.now(); say(); ask(); });
    events.addEventListener("change", event => {
      const change = JSON.parse(event.data), line = document.createElement("span");
      line.textContent = `${change.service} ${change.to}, was ${change.from}: ${change.reason}. `;
      told.append(line);
      while (told.children.length > 20) told.firstChild.remove();
    });
    setInterval(say, 1000);
    say();

    """

  /// The page's sign: a request to the right, and its reply to the left.
  public static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0d1117"/>\
    <path d="M5 11h16m-6-6 6 6-6 6" fill="none" stroke="#56d364" stroke-width="3"/>\
    <path d="M27 23H11m6-6-6 6 6 6" fill="none" stroke="#e6edf3" stroke-width="3"/></svg>

    """
}
