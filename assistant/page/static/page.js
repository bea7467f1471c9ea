() => {
  // What only a browser can do: the chosen language, the quote under the pointer, keys, the clipboard, a file to save.
  // A log-in that has ended leads to the page on which one logs in again.
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const answer = await ask(...request);
    if (answer.status === 401 && one("#status form") && new URL(answer.url).origin === location.origin) location.assign("login");
    return answer;
  };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const speak = (language) => {
    document.documentElement.lang = language;
    name();
    localStorage.setItem("notes-assistant.language", language);
  };
  // A word in both languages, as elements of which the style sheet shows one; or as text in the language that is shown.
  const said = (key, slots = {}) =>
    all(`[data-word=${key}] > span`, one(`[data-word=${key}]`)?.parentNode).map((span) => {
      const copy = span.cloneNode();
      copy.textContent = span.textContent.replace(/\{(\w+)\}/g, (slot, name) => slots[name] ?? slot);
      return copy;
    });
  const word = (key, slots) => said(key, slots).find(({ lang }) => lang === document.documentElement.lang)?.textContent ?? "";
  const make = (tag, more = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), more);
    element.append(...inside);
    return element;
  };
  const box = () => one("#box textarea, #box input");
  // What Gradio's own elements are to those who hear the page: rooms named by their tabs, a place to drop by its label.
  // The conversation is a log that does not read itself aloud, for it is shown anew with every answer; #heard reads.
  const name = () => {
    for (const room of all("[role=tabpanel]")) room.setAttribute("aria-labelledby", `${room.id}-button`);
    const talk = one("#talk");
    talk?.setAttribute("role", "log");
    talk?.setAttribute("aria-live", "off");
    talk?.setAttribute("aria-label", word("conversation"));
    talk?.setAttribute("tabindex", "0");
    document.title = word("title") || document.title;
    for (const field of all("[data-placeholder]")) field.placeholder = word(field.dataset.placeholder);
    one("#open-side")?.setAttribute("aria-expanded", sideIsOpen());
    one("#open-beside")?.setAttribute("aria-expanded", noteIsOpen());
  };
  const drawer = matchMedia("(max-width: 1000px)");
  const folded = () => document.documentElement.classList.contains("folded");
  const sideIsOpen = () => (drawer.matches ? one("#side").classList.contains("open") : !folded());
  // The column of the opened note; on a phone it is a sheet over the conversation.
  const sheet = matchMedia("(max-width: 760px)");
  const noteIsOpen = () => (sheet.matches ? one("#beside").classList.contains("reading") : !document.documentElement.classList.contains("alone"));
  const beside = (open, wanted = false) => {
    one("#beside").classList.toggle("reading", open);
    if (sheet.matches && !open && wanted) one("#open-beside").focus();
    if (!sheet.matches) document.documentElement.classList.toggle("alone", !open);
    if (!sheet.matches && wanted) localStorage.setItem("notes-assistant.alone", open ? "" : "yes");
    if (open && wanted && one("#note mark")) bring(one("#note mark"));
    if (open && wanted && sheet.matches) one("#note :is(h2, .close)").focus();
    name();
  };
  document.documentElement.classList.toggle("alone", localStorage.getItem("notes-assistant.alone") === "yes");
  // Gradio's dark theme is a class of the body; until somebody chooses, the system decides.
  const dark = (on = document.body.classList.contains("dark")) => {
    document.body.classList.toggle("dark", on);
    one("#theme")?.setAttribute("aria-pressed", on);
  };
  const theme = localStorage.getItem("notes-assistant.theme");
  if (theme) dark(theme === "dark");
  const kept = localStorage.getItem("notes-assistant.language");
  document.documentElement.lang = kept ?? (navigator.language.startsWith("ko") ? "ko" : "en");

  const fill = (text, at = text.length) => {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
    box().focus();
    box().setSelectionRange(at, at);
  };
  const add = (tag, id, role) => {
    const element = document.createElement(tag);
    Object.assign(element, { id, role });
    document.querySelector(".gradio-container").append(element);
    return element;
  };
  const tip = add("div", "tip", "tooltip");
  const spoken = add("div", "heard", "status");
  spoken.className = "unseen";
  let touched = false;
  document.addEventListener("pointerdown", ({ pointerType }) => (touched = pointerType === "touch"), true);
  const point = (event) => {
    const cited = !touched && event.target.closest?.("[data-quote]");
    tip.hidden = !cited;
    if (!cited) return;
    tip.textContent = cited.dataset.quote;
    const place = cited.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(place.left, innerWidth - tip.offsetWidth - 8))}px`;
    const above = place.top - tip.offsetHeight - 6;
    tip.style.top = `${above > 8 ? above : place.bottom + 6}px`;
  };
  tip.hidden = true;
  for (const kind of ["mouseover", "focusin", "scroll"]) document.addEventListener(kind, point, true);

  // The column beside the conversation; where there is no room for it, it is a drawer over the rest, which then rests.
  const behind = () => all("#head, #rooms [role=tablist], #panels > :not(#side)");
  const side = (open, wide = !drawer.matches) => {
    one("#side").classList.toggle("open", open && !wide);
    if (wide) document.documentElement.classList.toggle("folded", !open);
    if (wide) localStorage.setItem("notes-assistant.folded", open ? "" : "yes");
    for (const other of behind()) other.inert = open && !wide;
    name();
  };
  const toggle = () => {
    const open = !sideIsOpen();
    side(open);
    if (drawer.matches) one(open ? "#side button" : "#open-side").focus();
  };
  document.documentElement.classList.toggle("folded", localStorage.getItem("notes-assistant.folded") === "yes");
  drawer.addEventListener("change", () => side(sideIsOpen()));

  let opener = null;
  let opening = false; // whether somebody waits for a note
  const close = () => {
    const was = sheet.matches && noteIsOpen();
    one("#beside").classList.remove("reading");
    name();
    if (opener?.offsetParent) opener.focus();
    else if (was) one("#open-beside").focus();
    opener = null;
    tip.hidden = true;
  };
  // Of a PDF the page's picture is brought, whose boxes lie where the words are.
  const bring = (words) => {
    const whole = words.closest(".whole");
    const mark = whole?.querySelector(".box") ?? words;
    if (whole) whole.scrollTop += mark.getBoundingClientRect().top - whole.getBoundingClientRect().top - whole.clientHeight / 3;
  };
  const read = (mark) => {
    opening = false;
    bring(mark);
    one("#note h2").focus({ preventScroll: innerWidth > 760 });
  };
  const copy = async (button) => {
    const { markdown, words } = button.closest(".turn").dataset;
    await navigator.clipboard.writeText(button.dataset.what === "words" ? words : markdown);
    spoken.textContent = word("copied");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  };
  // Another page of a PDF; the marks are those of the page that is cited.
  const turn = async (button) => {
    const picture = one("#note .leaf img");
    const label = one("#note [data-page]");
    const address = new URL(picture.src);
    const page = Number(label.textContent) + Number(button.dataset.turn);
    address.searchParams.set("page", page);
    if (page < 1 || !(await ask(address)).ok) return;
    picture.src = address;
    label.textContent = page;
    all("#note .leaf .box").forEach((box) => (box.hidden = page !== Number(label.dataset.page)));
  };
  // A picture that the notes do not hold is named by its description, as one that lies on the web.
  const missed = ({ target }) => {
    if (!target.matches?.(":is(#note, #shown) img:not(.leaf img)")) return;
    target.replaceWith(make("em", { className: "pictured", textContent: target.alt }));
  };
  document.addEventListener("error", missed, true); // of what is loaded, errors do not rise to the document
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    tip.hidden = true;
    if (button.dataset.turn) turn(button);
    if (button.dataset.close === "note" && button.closest("#shown")) one("#shown").classList.add("closed");
    else if (button.dataset.close === "note") sheet.matches ? close() : beside(false, true);
    if (button.id === "open-beside") beside(!noteIsOpen(), true);
    if (button.dataset.close === "side" || button.id === "open-side") toggle();
    if (button.dataset.language) speak(button.dataset.language);
    if (button.id === "theme") {
      dark(!document.body.classList.contains("dark"));
      localStorage.setItem("notes-assistant.theme", document.body.classList.contains("dark") ? "dark" : "light");
    }
    if (button.dataset.own) {
      enter(1);
      setTimeout(() => (one("#folder :is(input, textarea)")?.offsetParent ? one("#folder :is(input, textarea)") : one("#room-notes .adds"))?.focus(), 300);
    }
    if (button.role === "tab") sessionStorage.setItem(ROOM, rooms().indexOf(button));
    if (button.dataset.event === "copied") copy(button);
    if (button.dataset.event === "select" && button.dataset.source) {
      if (!button.closest("#note")) opener = button;  // a link in a note goes with it
      all(".chosen").forEach((other) => other.classList.remove("chosen"));
      button.classList.add("chosen");
      if (button.closest("#room-notes")) one("#shown").classList.remove("closed");
      else {
        opening = true;
        if (button.closest("#side") && drawer.matches) side(false);
        beside(true);
      }
      // Words that are shown already are not shown anew, so nothing else would move there.
      const { source, start, end } = button.dataset;
      const mark = one("#note mark");
      if (mark && one("#note .whole").dataset.place === `${source} ${start} ${end}`) read(mark);
    }
  });
  // A reload comes back to the room that was open; arrow keys go from room to room.
  const ROOM = "notes-assistant.room";
  const rooms = () => all("#rooms [role=tablist] [role=tab]").filter((tab) => tab.offsetParent);
  const enter = (place) => {
    const tabs = rooms();
    const tab = tabs[(place + tabs.length) % tabs.length];
    tab?.click();
    return tab;
  };
  const roomed = new MutationObserver(() => {
    if (!rooms().length) return;
    roomed.disconnect();
    dark();
    const place = Number(sessionStorage.getItem(ROOM) ?? 0);
    if (place) enter(place);
  });
  roomed.observe(document.body, { childList: true, subtree: true });
  const keys = { KeyN: "#new", KeyL: "#open-side", KeyO: "#open-beside" }; // with Alt, wherever the focus is
  const step = { ArrowLeft: -1, ArrowRight: 1 };

  // The list of notes shows those whose title or place holds what is typed.
  const sift = () => {
    const sought = one("#find-note")?.value.trim().toLowerCase() ?? "";
    for (const row of all("#list [data-names]")) {
      const hidden = !row.dataset.names.includes(sought);
      if (row.hidden !== hidden) row.hidden = hidden;
    }
  };
  document.addEventListener("input", ({ target }) => target.id === "find-note" && sift());

  const escapes = []; // what Escape leaves first
  document.addEventListener("keydown", (event) => {
    if (event.target.role === "tab" && step[event.key]) {
      event.preventDefault();
      enter(rooms().indexOf(event.target) + step[event.key])?.focus();
    }
    const far = event.altKey && !event.ctrlKey && !event.metaKey && keys[event.code];
    if (far && one("#bar")?.offsetParent) {
      event.preventDefault();
      one(far).click();
    }
    const typing = event.target.matches?.("input, textarea, select");
    if (event.key === "Escape" && one("#saving[open]")) {
      one("#saving").open = false;
      one("#saving summary").focus();
    } else if (event.key === "Escape" && drawer.matches && sideIsOpen()) toggle();
    else if (event.key === "Escape" && one("#stop")?.offsetParent) one("#stop").click();
    else if (event.key === "Escape") escapes.some((escape) => escape()) || close();
    else if (event.key === "/" && !typing && one("#box")?.offsetParent) {
      event.preventDefault();
      box().focus();
    }
  });
  document.addEventListener("pointerdown", ({ target }) => drawer.matches && sideIsOpen() && !target.closest?.("#side, #open-side, #notice") && toggle());

  // The conversation reaches down to the window's edge, however many lines the head takes.
  const fit = () => {
    const panels = one("#panels");
    if (!panels?.offsetParent) return;
    const top = Math.round(panels.getBoundingClientRect().top + scrollY);
    document.documentElement.style.setProperty("--top", `${top}px`);
  };
  new ResizeObserver(fit).observe(one(".gradio-container"));

  // Where the quoted words are, a new answer's end, and what a screen reader is to say of either.
  const seen = new WeakSet();
  const shown = new WeakMap(); // which place of which note an element showed last
  const fresh = (element) => element && !seen.has(element) && seen.add(element);
  let told = "";
  let last;
  let reading;
  let readBelow;
  const tell = (text, language = document.documentElement.lang) => {
    if (text !== told) Object.assign(spoken, { textContent: text, lang: language });
    told = text;
  };
  const look = () => {
    name();
    fit();
    for (const whole of all(".whole")) {
      const mark = whole.querySelector("mark");
      if (mark && (fresh(mark) || (shown.get(whole) ?? "") !== whole.dataset.place)) bring(mark);
      shown.set(whole, whole.dataset.place);
    }
    const heading = one("#note h2");
    const source = one("#note .where code")?.textContent;  // the elements may stay where another note is shown in them
    if (heading && (fresh(heading) || source !== reading)) {
      if (!one("#note mark")) one("#note .whole")?.scrollTo(0, 0);
      // What an answer opens by itself takes no focus from who is typing.
      if (opening) heading.focus({ preventScroll: innerWidth > 760 });
      opening = false;
    }
    reading = source;
    // Where there is no room beside the list of notes, the opened one comes into view, and so does what is being changed.
    const below = one("#shown h2");
    sift(); // the list is shown anew after each run
    const place = one("#shown .where code")?.textContent;
    if (below && place !== readBelow && innerWidth <= 1000) below.scrollIntoView({ block: "start" });
    readBelow = place;
    if (fresh(one("#changing p"))) one("#pasted textarea").focus();
    const talk = one("#talk");
    const turn = all("#said .turn, #now .turn").pop();
    // In a full conversation the oldest turn leaves, and the last one's element may be that of the turn before.
    const asked = turn?.dataset.markdown;
    if (fresh(turn) || asked !== last) {
      if (turn) talk.scrollBy(0, turn.getBoundingClientRect().top - talk.getBoundingClientRect().top - 8);
      else talk.scrollTo(0, 0);
    }
    last = asked;
    const answer = all("#said .answer").pop();
    const waiting = one("#now .waiting");
    if (waiting) tell(waiting.innerText, document.documentElement.lang);
    else if (fresh(answer) && turn) tell(answer.innerText, answer.lang);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });

  window.notesAssistant = {
    ...{ add, all, box, escapes, fill, isDrawer: () => drawer.matches, make, one, said, side, sideIsOpen, tell, word },
    save: (text, type, name) => {
      const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
      link.click();
      URL.revokeObjectURL(link.href);
    },
  };
  setTimeout(() => document.activeElement === document.body && box()?.focus(), 500);
}
