"use strict";
(() => {
  const STEP = 200; // rows at a time: more would make the page slow to lay out, and nobody reads more at once
  const PAPER = 500;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const filters = one("#filters");
  const rows = all(".findings > li");
  const lists = all(".list").map((list) => ({
    rows: all(".findings > li", list),
    groups: all(".group", list),
    more: one(".more-rows", list),
    most: STEP,
  }));
  const words = new Map(); // what a row says, in small letters; read when it is first searched
  const says = (row) => {
    if (!words.has(row)) words.set(row, `${row.textContent} ${one("h1, h2, h3, h4, h5, h6", row.closest(".group")).textContent}`.toLowerCase());
    return words.get(row);
  };

  // ---- theme: as the system, light, dark

  const THEMES = { auto: "as the system", light: "light", dark: "dark" };
  const theme = one("#theme");
  const show = (name) => {
    document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${THEMES[name]}`;
  };
  const kept = () => {
    try { return localStorage.getItem("agentctl-theme"); } catch { return null; } // no storage in a sandbox
  };
  const keep = (name) => {
    try { localStorage.setItem("agentctl-theme", name); } catch { /* then it is forgotten */ }
  };
  theme.hidden = false;
  show(Object.hasOwn(THEMES, kept()) ? kept() : "auto");
  theme.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    show(next);
    keep(next);
  });

  // ---- filters

  const asked = () => ({
    words: one("#q").value.toLowerCase().split(/\s+/).filter(Boolean),
    verdicts: all(".chip[aria-pressed=true]", filters).map((chip) => chip.dataset.verdict),
    severity: one("#severity").value,
    section: one("#section").value,
  });
  const fits = (row, want) =>
    (!want.verdicts.length || want.verdicts.includes(row.dataset.verdict)) &&
    (!want.severity || row.dataset.severity === want.severity) &&
    (!want.section || row.closest(".group").firstElementChild.id === want.section) &&
    want.words.every((word) => says(row).includes(word));

  const draw = () => {
    const want = filters ? asked() : { words: [], verdicts: [] };
    let found = 0;
    let shown = 0;
    for (const list of lists) {
      let here = 0;
      for (const row of list.rows) {
        const fit = fits(row, want);
        row.hidden = !fit || here >= list.most;
        here += fit;
      }
      for (const group of list.groups) group.hidden = !one(".findings > li:not([hidden])", group);
      list.left = Math.max(0, here - list.most);
      list.more.hidden = !list.left;
      list.more.textContent = `Show ${Math.min(STEP, list.left)} more (${list.left} are left)`;
      found += here;
      shown += here - list.left;
    }
    if (!filters) return;
    const narrowed = found < rows.length ? ` that fit, of ${rows.length}` : "";
    one("#shown").textContent = `${shown < found ? `${shown} shown of ` : ""}${found} finding${found === 1 ? "" : "s"}${narrowed}`;
    filters.classList.toggle("filtered", want.verdicts.length > 0);
  };
  const clear = () => {
    if (!filters) return;
    for (const field of all("input, select", filters)) field.value = "";
    for (const chip of all(".chip", filters)) chip.ariaPressed = "false";
  };
  const redraw = () => {
    for (const list of lists) list.most = STEP;
    draw();
    remember();
  };
  for (const list of lists) list.more.addEventListener("click", () => {
    const next = list.rows.filter((row) => !row.hidden).length;
    list.most += STEP;
    draw();
    focusOn(list.rows.filter((row) => !row.hidden)[next]);
  });

  // ---- the address keeps what is filtered, so that a link shows the same

  const remember = () => {
    const want = asked();
    const kept = new URLSearchParams();
    if (want.words.length) kept.set("q", one("#q").value.trim());
    if (want.verdicts.length) kept.set("verdict", want.verdicts.join(","));
    for (const name of ["severity", "section"]) if (want[name]) kept.set(name, want[name]);
    history.replaceState(null, "", `#${kept}`);
  };
  const recall = () => {
    const address = location.hash.slice(1);
    if (!address.includes("=")) return reveal(address);
    if (!filters) return;
    const kept = new URLSearchParams(address);
    const verdicts = (kept.get("verdict") ?? "").split(",");
    one("#q").value = kept.get("q") ?? "";
    for (const name of ["severity", "section"]) one(`#${name}`).value = kept.get(name) ?? "";
    for (const chip of all(".chip", filters)) chip.ariaPressed = String(verdicts.includes(chip.dataset.verdict));
    draw();
  };
  const reveal = (id) => {
    const row = id && document.getElementById(id);
    if (!row || !row.matches(".findings > li, .group > *")) return;
    if (row.hidden || row.parentElement.hidden) {
      clear();
      const list = lists.find((one) => one.rows.includes(row));
      if (list) list.most = Math.max(list.most, list.rows.indexOf(row) + 1);
      draw();
    }
    const details = one("details", row);
    if (details && row.matches("li")) details.open = true;
    row.scrollIntoView();
  };

  // ---- keys

  const focusOn = (row) => (row && (one("summary", row) ?? row))?.focus();
  const visible = () => all(".findings > li:not([hidden]) > details > summary");
  const move = (event, to) => {
    const places = visible();
    const next = places[to(places.indexOf(document.activeElement), places.length)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const MOVES = {
    ArrowDown: (at) => at + 1,
    ArrowUp: (at) => at - 1,
    Home: () => 0,
    End: (_at, count) => count - 1,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (event.key === "/" && filters && !at.matches("input, select")) {
      event.preventDefault();
      one("#q").focus();
      one("#q").select();
    } else if (event.key === "Escape" && filters?.contains(at)) {
      clear();
      redraw();
    } else if (at.matches(".findings summary") && Object.hasOwn(MOVES, event.key)) {
      if (event.key === "ArrowUp" && visible()[0] === at && filters) { event.preventDefault(); one("#q").focus(); return; }
      move(event, MOVES[event.key]);
    } else if (at.id === "q" && event.key === "ArrowDown") {
      move(event, () => 0);
    }
  });

  // ---- paper shows what fits the filters, up to what a browser lays out in seconds, and opens what is not well

  let closed = [];
  let most = [];
  addEventListener("beforeprint", () => {
    most = lists.map((list) => list.most);
    for (const list of lists) list.most = Math.max(list.most, PAPER);
    draw();
    for (const list of lists) list.more.textContent = `${list.left} more are not on paper: filter first`;
    closed = all(".findings > li:not([hidden]):not([data-verdict=pass], [data-verdict='n/a']) > details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    lists.forEach((list, at) => { list.most = most[at] ?? STEP; });
    for (const details of closed) details.open = false;
    draw();
  });

  // ---- copy a command

  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  for (const button of all(".copy")) {
    button.hidden = false;
    button.ariaLabel = `Copy ${button.previousElementSibling.textContent}`;
    button.addEventListener("click", async () => {
      await copy(button.previousElementSibling.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // ---- and go

  if (filters) {
    const groups = all(".group").map((group) => group.firstElementChild);
    const section = one("#section");
    for (const head of groups) {
      const part = head.closest(".part")?.firstElementChild.querySelector(".name").textContent;
      section.add(new Option([part, one(".name", head).textContent].filter(Boolean).join(": "), head.id));
    }
    section.parentElement.hidden = groups.length < 2;
    one("#severity").parentElement.hidden = one("#severity").options.length < 3;
    filters.hidden = false;
    one(".keys").hidden = false;
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("input", redraw);
    filters.addEventListener("reset", (event) => {
      event.preventDefault();
      clear();
      redraw();
    });
    for (const chip of all(".chip", filters)) chip.addEventListener("click", () => {
      chip.ariaPressed = String(chip.ariaPressed !== "true");
      redraw();
    });
    one("#unfold").addEventListener("click", (event) => {
      const open = event.currentTarget.textContent === "Open all";
      event.currentTarget.textContent = open ? "Close all" : "Open all";
      for (const details of all(".findings > li:not([hidden]) > details")) details.open = open;
    });
  }
  draw();
  recall();
  addEventListener("hashchange", recall);
})();
