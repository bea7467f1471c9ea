() => {
  // `@` in the question field offers notes, folders and tags; the chosen one becomes a chip, and what was typed goes.
  const page = window.notesAssistant;
  const { make, said } = page;
  const SHOWN = 8;
  const TYPED = /(?:^|\s)@([^@\n]{0,60})$/;
  const list = page.add("ul", "at", "listbox");
  list.hidden = true;
  let offered = [];
  let at = 0;

  const typed = () => {
    const box = page.box();
    return box && document.activeElement === box && box.selectionStart === box.selectionEnd
      ? TYPED.exec(box.value.slice(0, box.selectionStart))
      : null;
  };
  const close = () => {
    list.hidden = true;
    page.box()?.removeAttribute("aria-activedescendant");
  };
  const point = (now) => {
    at = (now + offered.length) % offered.length;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === at));
    page.box().setAttribute("aria-activedescendant", `at-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (chosen) => {
    const box = page.box();
    const found = typed();
    close();
    if (found) {
      const from = box.selectionStart - found[1].length - 1;
      page.fill(box.value.slice(0, from) + box.value.slice(box.selectionStart), from);
    }
    page.take(chosen);
  };
  const option = (item, place) => {
    const kind = make("span", { className: "kind quiet" }, ...said(item.kind));
    const name = item.kind === "note" && item.name !== item.title ? [make("span", { className: "quiet", textContent: ` ${item.name}` })] : [];
    const element = make("li", { id: `at-${place}`, role: "option" }, make("span", { textContent: item.title }), ...name, kind);
    element.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      take(item);
    });
    return element;
  };
  const offer = async () => {
    const found = typed();
    if (!found) return close();
    const all = await page.offers(found[1]);
    if (typed()?.[1] !== found[1]) return;
    offered = all.slice(0, SHOWN);
    // Who types on after a name is not choosing any more.
    if (!offered.length && /\s/.test(found[1])) return close();
    list.replaceChildren(...(offered.length ? offered.map(option) : [make("li", { className: "quiet" }, ...said("nothing_matches"))]));
    const field = page.box().getBoundingClientRect();
    Object.assign(list.style, { left: `${field.left}px`, bottom: `${innerHeight - field.top + 4}px`, width: `${field.width}px` });
    list.hidden = false;
    if (!offered.length) return;
    page.box().setAttribute("aria-controls", "at");
    point(0);
    page.tell(page.word("offers", { n: offered.length }));
  };
  const moves = { ArrowDown: () => point(at + 1), ArrowUp: () => point(at - 1), Enter: () => take(offered[at]), Tab: () => take(offered[at]), Escape: close };
  const key = (event) => {
    if (list.hidden || event.isComposing || event.target !== page.box() || !moves[event.key]) return;
    if (event.key !== "Escape" && !offered.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    moves[event.key]();
  };
  document.addEventListener("keydown", key, true);
  document.addEventListener("keypress", (event) => event.key === "Enter" && key(event), true);
  for (const kind of ["input", "click", "keyup"]) {
    document.addEventListener(kind, (event) => {
      const moved = kind !== "keyup" || ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key);
      if (event.target === page.box() && moved) offer().catch(close);
    });
  }
  document.addEventListener("focusout", (event) => event.target === page.box() && close());
}
