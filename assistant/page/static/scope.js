() => {
  // Which notes a question is asked of: boxes checked in the column, or chips beside the question field, which come first.
  const page = window.notesAssistant;
  const { all, make, one, said } = page;
  const EVERYTHING = { boxes: null, chips: [] };
  const FEW = 40; // notes that are shown without unfolding their folders
  const CHIPS = 4; // that are shown at most
  let chosen = EVERYTHING;
  let notes = null;
  let root = null;
  let told = () => {};

  // Notes are matched as assistant/index/snapshot.py matches them: a place or a tag holds what lies under it.
  const around = (name) => name.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
  const fold = (text) => text.normalize("NFC").toLowerCase();
  const ending = (source) => source.split(".").pop().toLowerCase();
  const known = ({ source, copies, title, tags, day }) => ({
    source, title, tags, day, format: ending(source),
    places: new Set([source, ...copies].flatMap((name) => around(name.normalize("NFC")))),
    tagged: new Set(tags.flatMap((tag) => around(fold(tag)))),
    words: fold(`${title} ${source} ${tags.map((tag) => `#${tag}`).join(" ")}`),
  });
  const some = (wanted, held) => !wanted.length || wanted.some((name) => held.has(name));
  const scope = () => {
    const of = (kind) => chosen.chips.filter((chip) => chip.kind === kind).map((chip) => chip.name);
    const days = of("time").map((name) => name.split("/"));
    const since = days.map(([first]) => first).filter(Boolean).sort()[0] ?? "";
    const until = days.map(([, last]) => last).filter(Boolean).sort().pop() ?? "";
    if (chosen.chips.length) return { places: [...of("folder"), ...of("note")], tags: of("tag"), formats: of("format"), since, until };
    return chosen.boxes && { places: chosen.boxes, tags: [] };
  };
  const held = () => {
    const now = scope();
    if (!now) return new Set(notes);
    if (!chosen.chips.length && !now.places.length) return new Set();
    const [places, tags] = [now.places.map((place) => place.normalize("NFC")), now.tags.map(fold)];
    const { formats = [], since = "", until = "" } = now;
    const timely = ({ day }) => (!since || since <= day) && (!until || day <= until);
    const fits = (note) => some(places, note.places) && some(tags, note.tagged) && some(formats, new Set([note.format])) && timely(note);
    return new Set(notes.filter(fits));
  };

  // The notes are fetched when first needed, and again when the list is opened, since they change.
  const load = async () => {
    const answer = await fetch("api/notes");
    if (!answer.ok) throw new Error((await answer.json()).error);
    notes = (await answer.json()).map(known);
    root = { path: "", name: "", folders: new Map(), notes: [] };
    for (const note of notes) {
      let folder = root;
      for (const path of around(note.source).slice(0, -1)) {
        if (!folder.folders.has(path)) folder.folders.set(path, { path, name: path.split("/").pop(), folders: new Map(), notes: [] });
        folder = folder.folders.get(path);
      }
      folder.notes.push(note);
    }
  };
  const ready = async () => notes ?? (await load());

  const under = (folder) => [...folder.notes, ...[...folder.folders.values()].flatMap(under)];
  // A folder all of whose notes are chosen is chosen by its name, so that notes that come later belong to it.
  const places = (folder, held) => {
    if (folder.path && under(folder).every((note) => held.has(note))) return [folder.path];
    const inside = [...folder.folders.values()].flatMap((inner) => places(inner, held));
    return [...inside, ...folder.notes.filter((note) => held.has(note)).map((note) => note.source)];
  };
  const choose = (now) => {
    chosen = now;
    told();
    show().catch(trouble);
  };
  const check = (changed, on) => {
    const now = held();
    for (const note of changed) on ? now.add(note) : now.delete(note);
    choose({ boxes: now.size === notes.length ? null : places(root, now), chips: [] });
  };

  const boxes = new Map(); // each check box with the notes that it stands for
  const box = (about, label) => {
    const element = make("input", { type: "checkbox" });
    if (label) element.setAttribute("aria-label", label);
    element.addEventListener("change", () => check(about, element.checked));
    boxes.set(element, about);
    return element;
  };
  // Its box chooses a note, its title opens it.
  const row = (note) => {
    const title = make("button", { className: "title", textContent: note.title });
    Object.assign(title.dataset, { event: "select", source: note.source, start: 0, end: 0 });
    const day = make("span", { className: "day quiet", textContent: note.day });
    const item = make("li", { title: note.source }, box([note], note.title), title, day);
    item.dataset.words = note.words;
    return item;
  };
  const shelf = (folder) => {
    const list = make("ul", { hidden: notes.length > FEW }, ...filled(folder));
    const name = make("button", { textContent: folder.name, title: folder.path });
    const count = make("span", { className: "quiet" });
    const head = make("span", { className: "head" }, box(under(folder), folder.path), name, count);
    head.querySelector("input").count = count;
    const fold = (hidden) => {
      list.hidden = hidden;
      name.setAttribute("aria-expanded", !hidden);
    };
    name.addEventListener("click", () => fold(!list.hidden));
    fold(list.hidden);
    return Object.assign(make("li", { className: "folder" }, head, list), { fold });
  };
  const filled = (folder) => [...[...folder.folders.values()].map(shelf), ...folder.notes.map(row)];
  const draw = () => {
    boxes.clear();
    one("#tree").replaceChildren(...filled(root));
    sift();
    show().catch(trouble);
  };
  const sift = () => {
    const words = fold(one("#sift").value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of all("#tree li:not(.folder)")) {
      item.hidden = !words.every((word) => item.dataset.words.includes(word));
      shown += !item.hidden;
    }
    for (const folder of all("#tree .folder")) {
      folder.hidden = words.length > 0 && !folder.querySelector("li:not(.folder):not([hidden])");
      if (words.length) folder.fold(folder.hidden);
    }
    one("#sifted").replaceChildren(...(words.length ? said("sifted", { n: shown }) : []));
  };
  const sifted = () => all("#tree li:not(.folder):not([hidden]) input").flatMap((element) => boxes.get(element));

  const names = (chip) => {
    const title = chip.kind === "note" && notes?.find((note) => note.source === chip.name)?.title;
    const said = { tag: `#${chip.name}`, folder: `${chip.name}/`, format: `.${chip.name}`, time: spanned(chip.name) };
    return said[chip.kind] ?? (title || chip.name);
  };
  // A month or a year is said as such, another time from its first day to its last.
  const spanned = (name) => {
    const [first, last] = name.split("/");
    const month = first.slice(0, 7);
    if (first === `${month}-01` && last === lastOf(month)) return month;
    if (first.endsWith("-01-01") && last === `${first.slice(0, 4)}-12-31`) return first.slice(0, 4);
    return first === last ? first : `${first} – ${last}`;
  };
  const lastOf = (month) => {
    const [year, number] = month.split("-").map(Number);
    return `${month}-${String(new Date(year, number, 0).getDate()).padStart(2, "0")}`;
  };
  const dated = () => {
    const name = `${one("#since").value}/${one("#until").value}`;
    const others = chosen.chips.filter((chip) => chip.kind !== "time");
    choose({ ...chosen, chips: name === "/" ? others : [...others, { kind: "time", name }] });
  };
  const off = (chip) => {
    const label = make("span", { className: "unseen" }, ...said("remove"), ` ${names(chip)}`);
    const button = make("button", { title: chip.name }, names(chip), make("span", { textContent: " ×", ariaHidden: "true" }), label);
    button.addEventListener("click", () => {
      choose({ ...chosen, chips: chosen.chips.filter((other) => other !== chip) });
      page.box().focus();
    });
    return button;
  };
  const show = async () => {
    const narrowed = scope() !== null;
    if (narrowed) await ready();
    const now = notes && held();
    const count = narrowed ? said("some_notes", { n: now.size.toLocaleString(), whole: notes.length.toLocaleString() }) : said("all_notes");
    one(".scope").classList.toggle("narrowed", narrowed);
    one(".scope").classList.toggle("nothing", narrowed && !now.size);
    one(".scope .which").replaceChildren(...count);
    one(".scope .off").hidden = !narrowed;
    one("#since").value = scope()?.since ?? "";
    one("#until").value = scope()?.until ?? "";
    const more = chosen.chips.length - CHIPS;
    one("#chips").replaceChildren(...chosen.chips.slice(0, CHIPS).map(off), ...(more > 0 ? [` +${more}`] : []));
    for (const [element, about] of boxes) {
      const of = about.filter((note) => now.has(note)).length;
      element.checked = of > 0 && of === about.length;
      element.indeterminate = of > 0 && of < about.length;
      if (element.count) element.count.textContent = `${of}/${about.length}`;
    }
  };

  // The list is open from the start where it is short, and fetched anew after each run of the index.
  const refresh = () => one("#sources")?.open && load().then(draw).catch(trouble);
  let runs;
  const look = () => {
    const now = one("#sources") && (one("#renewing [data-runs]")?.dataset.runs ?? "0");
    if (now === runs || !now) return;
    runs = now;
    notes = null;
    refresh();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-runs"] });

  const trouble = (error) => page.tell(String(error.message ?? error));
  document.addEventListener("toggle", ({ target }) => target.id === "sources" && refresh(), true);
  document.addEventListener("input", ({ target }) => target.id === "sift" && sift());
  document.addEventListener("change", ({ target }) => ["since", "until"].includes(target.id) && dated());
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-choose], [data-show=sources]");
    if (!button) return;
    if (button.dataset.show) {
      page.side(true);
      one("#sources").open = true;
      one("#sift").focus();
    } else if (button.dataset.choose === "everything") {
      choose(EVERYTHING);
      page.box().focus();
    } else check(sifted(), button.dataset.choose === "all");
  });

  // Before the question is sent: what the chosen notes do not hold is asked of all of them.
  document.addEventListener("click", ({ target }) => target.closest?.("[data-whole]") && choose(EVERYTHING), true);

  Object.assign(page, {
    scope,
    choice: () => chosen,
    choose: (now) => choose(now ?? EVERYTHING),
    onChoice: (tell) => (told = tell),
    // What `@` offers: folders, tags, formats and times, then notes; what begins with the typed words before the rest.
    offers: async (typed) => {
      await ready();
      const wanted = fold(typed);
      const folders = new Set(notes.flatMap((note) => around(note.source).slice(0, -1)));
      const tags = new Set(notes.flatMap((note) => note.tags.flatMap(around)));
      const formats = new Set(notes.map((note) => note.format));
      const months = new Set(notes.map((note) => note.day.slice(0, 7)).filter(Boolean));
      const years = new Set([...months].map((month) => month.slice(0, 4)));
      const times = [
        ...[...years].sort().reverse().map((year) => `${year}-01-01/${year}-12-31`),
        ...[...months].sort().reverse().map((month) => `${month}-01/${lastOf(month)}`),
      ];
      const offered = [
        ...[...folders].map((name) => ({ kind: "folder", name, title: `${name}/`, words: fold(name) })),
        ...[...tags].map((name) => ({ kind: "tag", name, title: `#${name}`, words: fold(`#${name}`) })),
        ...[...formats].map((name) => ({ kind: "format", name, title: `.${name}`, words: `${name} .${name}` })),
        ...times.map((name) => ({ kind: "time", name, title: spanned(name), words: spanned(name) })),
        ...notes.map((note) => ({ kind: "note", name: note.source, title: note.title, words: note.words })),
      ];
      const rank = ({ words }) => (words.startsWith(wanted) || words.startsWith(`#${wanted}`) ? 0 : 1);
      const matching = offered.filter(({ words }) => words.includes(wanted));
      return matching.sort((one, other) => rank(one) - rank(other));
    },
    take: ({ kind, name }) => {
      const others = chosen.chips.filter((chip) => chip.kind !== kind || chip.name !== name);
      choose({ ...chosen, chips: [...others, { kind, name }] });
    },
  });
}
