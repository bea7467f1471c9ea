() => {
  // The conversations, which the server keeps: listed with the newest first, searched, opened, renamed, pinned, deleted.
  const page = window.notesAssistant;
  const { make, one, said } = page;
  const OPEN = "notes-assistant.open"; // in the session's storage: which conversation this tab shows, and its chosen notes
  const OLD = "notes-assistant"; // where earlier versions kept conversations: the browser's storage, then its database

  const door = async (method, path = "", change) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`conversations${path}`, { method, headers, body: change && JSON.stringify(change) });
    if (!answer.ok) throw Object.assign(new Error((await answer.json()).error), { status: answer.status });
    return answer.status === 204 ? undefined : answer.json();
  };
  // By conversation: the text that this tab read or wrote last, and its revision. Who writes tells the server which one it
  // knew; if another device has added to it, the server puts both together.
  const known = new Map();
  const read = async (id) => {
    const kept = await door("GET", `/${id}`);
    if (kept) known.set(id, kept);
    return kept?.text;
  };
  const write = async (id, change) => {
    const kept = await door("PUT", `/${id}`, { ...change, revision: known.get(id)?.revision ?? 0 });
    // What was put together is not known to this tab until it shows it.
    if (kept && change.text !== undefined && kept.text === null) known.set(id, { text: change.text, revision: kept.revision });
    return kept;
  };
  const erase = async (id) => {
    await door("DELETE", `/${id}`);
    known.delete(id);
  };
  // One change after the other, so that none overtakes another.
  let last = Promise.resolve();
  const soon = (work) => (last = last.then(work).catch((error) => tell(said("talks_not_kept", { reason: error?.message ?? error }))));

  const others = new BroadcastChannel("notes-assistant"); // the other tabs
  const gone = new Set(); // deleted ones, which an answer that still arrives must not bring back
  let heads = new Map();
  let found = null; // the ids that hold the words which are looked for
  let open = ""; // the conversation that is shown,
  let text = ""; // its text,
  let wanted = ""; // and the text that the page is to show next
  let begun = false; // whether it shows any
  const given = new Set(); // texts that the page was given to show, and that are kept already, maybe in a later state

  const fresh = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const empty = (id) => JSON.stringify({ exchanges: [], id });
  const name = (head) => head.name || head.title;
  const remember = () => sessionStorage.setItem(OPEN, JSON.stringify({ id: open, chosen: page.choice() }));
  const list = async () => {
    heads = new Map((await door("GET")).map((head) => [head.id, head]));
    const words = one("#find").value.trim();
    found = words ? new Set((await door("GET", `?words=${encodeURIComponent(words)}`)).map(({ id }) => id)) : null;
  };
  const changed = async (id) => {
    await list();
    draw();
    others.postMessage(id);
  };

  // A line over the page, with a way back while it shows.
  const notice = page.add("div", "notice", "status");
  notice.hidden = true;
  let fading;
  const hide = () => {
    if (notice.contains(document.activeElement)) (page.sideIsOpen() ? one("#talks button") ?? one("#new") : one("#new")).focus();
    notice.hidden = true;
  };
  const tell = (words, undo) => {
    const back = make("button", {}, ...said("undo"));
    back.addEventListener("click", () => {
      hide();
      undo();
    });
    const closing = make("button", { className: "off" }, make("span", { textContent: "×", ariaHidden: "true" }), make("span", { className: "unseen" }, ...said("close")));
    closing.addEventListener("click", hide);
    notice.replaceChildren(make("span", {}, ...words), ...(undo ? [back] : []), closing);
    notice.hidden = false;
    if (undo) back.focus();
    clearTimeout(fading);
    fading = setTimeout(function fade() {
      if (notice.matches(":hover, :has(:focus-visible)")) fading = setTimeout(fade, 2000);
      else hide();
    }, 10000);
  };

  // What the page shows is what its text says, whichever answer arrives last.
  const keep = (shown) => {
    begun = true;
    soon(async () => {
      const talk = JSON.parse(shown || "{}");
      if (!talk.id || gone.has(talk.id)) return;
      if (talk.id !== open) {
        open = talk.id;
        page.choose(heads.get(open)?.chosen);
      }
      text = shown;
      remember();
      draw();
      const shows = given.delete(shown);
      if (shown === wanted) given.clear();
      if (shows || !talk.exchanges.length || known.get(open)?.text === shown) return;
      const id = open;
      const kept = await write(id, { text: shown, chosen: page.choice() });
      await changed(id);
      if (kept?.text) until(() => !running()).then(() => soon(refresh));
    });
  };

  const running = () => one("#stop") && getComputedStyle(one("#stop")).display !== "none";
  const until = async (held) => {
    for (let tries = 0; tries < 600 && !held(); tries++) await new Promise((done) => setTimeout(done, 50));
  };
  // An answer that is being written is stopped first, and kept as far as it came.
  const show = async (id, whole, chosen) => {
    await until(() => begun); // else what the page shows first could come after it, in its place
    if (running()) {
      one("#stop").click();
      await until(() => !running());
    }
    edit();
    [open, text, wanted] = [id, whole, whole];
    given.add(whole);
    page.choose(chosen);
    one("#reopen").click();
    draw();
  };
  const start = async () => {
    const id = fresh();
    await show(id, empty(id), null);
  };
  const held = () => heads.has(open);
  // What other tabs and devices did meanwhile.
  const refresh = async () => {
    await list();
    draw();
    const head = heads.get(open);
    if (!head || running() || head.revision === known.get(open)?.revision) return;
    const now = await read(open);
    if (now !== undefined && now !== text) await show(open, now, head.chosen);
  };
  const begin = async () => {
    if (held() || running()) await soon(start);
    page.box().focus();
  };

  const reopen = (id) => soon(async () => show(id, await read(id), heads.get(id)?.chosen));
  const remove = (id) =>
    soon(async () => {
      const [head, here] = [heads.get(id), id === open];
      if (here && running()) one("#stop").click();
      if (here) await until(() => !running());
      const whole = await read(id);
      gone.add(id);
      await erase(id);
      await changed(id);
      if (here) await start();
      tell(said("talk_deleted", { title: name(head) }), () =>
        soon(async () => {
          gone.delete(id);
          const { name, pinned, chosen, changed: then } = head;
          await write(id, { text: whole, name, pinned, chosen, changed: then });
          await changed(id);
          if (here && !held()) await show(id, whole, head.chosen);
        }),
      );
    });

  const pin = (head) =>
    soon(async () => {
      await write(head.id, { pinned: !head.pinned });
      await changed(head.id);
    });
  let renaming = false;
  const rename = (item, head) => {
    const field = make("input", { value: name(head), maxLength: 200 });
    field.setAttribute("aria-label", page.word("rename"));
    const done = (saved) => {
      if (!renaming) return;
      renaming = false;
      const [now, focused] = [field.value.trim(), document.activeElement === field];
      const save = async () => {
        await write(head.id, { name: now === head.title ? "" : now });
        await changed(head.id);
      };
      (saved && now ? soon(save) : Promise.resolve(draw())).then(() => focused && button(head.id, "name")?.focus());
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing) return;
      if (event.key === "Enter") done(true);
      if (event.key === "Escape") done(false);
    });
    field.addEventListener("blur", () => done(true));
    renaming = true;
    item.replaceChildren(field);
    field.select();
  };

  const button = (id, kind) => one(`#talks [data-id="${CSS.escape(id)}"] .${kind}`);
  const control = (kind, sign, head, act) => {
    const label = make("span", { className: "unseen" }, ...said(kind), ` ${name(head)}`);
    const made = make("button", { className: kind }, make("span", { textContent: sign, ariaHidden: "true" }), label);
    made.addEventListener("click", act);
    return made;
  };
  const row = (head) => {
    const item = make("li");
    item.dataset.id = head.id;
    const title = make("button", { className: "name", textContent: name(head), title: name(head) });
    if (head.id === open) title.setAttribute("aria-current", "true");
    title.addEventListener("click", async () => {
      if (head.id !== open) await reopen(head.id);
      if (!page.isDrawer()) return;
      page.side(false);
      one("#talk").focus();
    });
    const pins = control("pin", head.pinned ? "★" : "☆", head, () => pin(head));
    pins.setAttribute("aria-pressed", head.pinned);
    item.append(title, pins, control("rename", "✎", head, () => rename(item, head)), control("delete", "✕", head, () => remove(head.id)));
    return item;
  };
  const day = (moment) => {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 864e5);
    return days < 1 ? "today" : days < 2 ? "yesterday" : "earlier";
  };
  const draw = () => {
    if (renaming) return;
    const focused = document.activeElement?.closest("#talks button");
    const [id, kind] = [focused?.parentElement.dataset.id, focused?.className];
    const rows = [];
    let before;
    for (const head of heads.values()) {
      if (found && !found.has(head.id)) continue;
      const now = head.pinned ? "pinned" : day(head.changed);
      if (now !== before) rows.push(make("li", { className: "day quiet" }, ...said(now)));
      rows.push(row(head));
      before = now;
    }
    one("#saving").hidden = !(parsed(text)?.exchanges?.length > 0);
    one("#talks").replaceChildren(...(rows.length ? rows : [make("li", { className: "quiet" }, ...said(found ? "no_talk_found" : "no_talks"))]));
    if (id) button(id, kind)?.focus();
  };

  // A question that is being edited takes the place of the one that it was only when it is sent.
  let edits = "";
  let typed = "";
  const edit = (id = "", question = "", earlier = false) => {
    if (!id && !edits) return;
    if (id && !edits) typed = page.box().value;
    page.fill(id ? question : typed);
    edits = id;
    one("#editing").hidden = !id;
    one("#editing").classList.toggle("earlier-one", earlier);
  };
  // A new conversation that begins as this one does, up to a turn or `within` it; this one stays as it is.
  const branched = async (turn, within) => {
    const { exchanges } = JSON.parse(text);
    const at = exchanges.findIndex(({ id }) => id === turn);
    const [id, head] = [fresh(), heads.get(open)];
    const whole = JSON.stringify({ exchanges: exchanges.slice(0, at + within), id });
    if (at + within > 0) {
      const called = page.word("branch_of", { title: head ? name(head) : "" }).slice(0, 200);
      await write(id, { text: whole, name: called, chosen: page.choice() });
      await changed(id);
    }
    return [id, whole];
  };
  const branch = (turn) =>
    soon(async () => {
      await show(...(await branched(turn, 1)), page.choice());
      page.box().focus();
    });
  const file = () => (heads.has(open) ? name(heads.get(open)) : "").replace(/[\\/:*?"<>|\s]+/g, " ").trim().slice(0, 60) || "conversation";
  const save = (kind) => {
    const markdown = () => page.all("#said .turn").map((turn) => turn.dataset.markdown).join("\n");
    if (kind === "md") page.save(markdown(), "text/markdown", `${file()}.md`);
    else page.save(JSON.stringify(parsed(text), null, 1), "application/json", `${file()}.json`);
  };
  document.addEventListener("click", (event) => {
    const menu = one("#saving");
    if (menu?.open && !event.target.closest("#saving summary")) menu.open = false;
    const pressed = event.target.closest?.("button");
    if (pressed?.id === "new") begin();
    if (pressed?.dataset.save) save(pressed.dataset.save);
    const { event: wanted, id } = pressed?.dataset ?? {};
    if (wanted === "branch") branch(id);
    const turn = wanted === "edit" && pressed.closest(".turn");
    if (turn) {
      edit(id, turn.querySelector(".question").textContent, turn !== page.all("#said .turn").pop());
    }
    if (pressed?.dataset.leave === "edit") edit();
  });
  page.escapes.push(() => {
    if (!edits) return false;
    edit();
    return true;
  });

  others.onmessage = () => soon(refresh);
  document.addEventListener("visibilitychange", () => document.hidden || soon(refresh));
  let looking;
  document.addEventListener("input", ({ target }) => {
    if (target.id !== "find") return;
    clearTimeout(looking);
    looking = setTimeout(() => soon(async () => {
      await list();
      draw();
    }), 200);
  });

  const parsed = (kept) => {
    try {
      return JSON.parse(kept);
    } catch {
      return null; // whatever that was, it was no conversation
    }
  };
  const take = async (storage) => {
    const old = storage.getItem(OLD);
    storage.removeItem(OLD);
    const exchanges = parsed(old);
    if (!Array.isArray(exchanges) || !exchanges.length) return undefined;
    const id = fresh();
    await write(id, { text: JSON.stringify({ exchanges, id }) });
    return id;
  };
  const done = (asked) =>
    new Promise((done) => {
      asked.onsuccess = () => done(asked.result);
      asked.onerror = (event) => {
        event.preventDefault();
        done(undefined);
      };
    });
  const takeAll = async () => {
    const asked = indexedDB.open(OLD);
    asked.onupgradeneeded = () => asked.transaction.abort(); // there was none
    const database = await done(asked);
    if (!database) return;
    const change = database.transaction(["heads", "texts"]);
    const texts = change.objectStore("texts");
    const old = await Promise.all((await done(change.objectStore("heads").getAll())).map(async (head) => [head, await done(texts.get(head.id))]));
    database.close();
    for (const [{ id, name = "", chosen = null, changed: then }, text] of old) {
      if (!parsed(text)?.exchanges?.length) continue;
      await write(id, { text, name, chosen, changed: then }).catch((error) => {
        if (error.status !== 400) throw error; // else it was no conversation, and was not shown either
      });
    }
    await done(indexedDB.deleteDatabase(OLD));
  };
  const started = soon(async () => {
    const kept = parsed(sessionStorage.getItem(OPEN)) ?? {};
    open = kept.id ?? fresh();
    wanted = empty(open);
    await until(() => one("#talks") && one(".scope"));
    await takeAll();
    const [mine, newest] = [sessionStorage.getItem(OLD), localStorage.getItem(OLD)];
    if (mine === newest) localStorage.removeItem(OLD);
    const taken = [await take(sessionStorage), await take(localStorage)].find(Boolean);
    if (!kept.id && taken) open = taken;
    await list();
    wanted = (await read(open)) ?? wanted;
    page.choose(kept.chosen);
    draw();
  });

  Object.assign(page, {
    keep,
    text: async () => {
      await started;
      return wanted;
    },
    // What goes with a question: the conversation, the chosen notes, and the exchange whose place it takes. A question
    // that comes before the conversation is shown waits for it, or that would wipe its answer away.
    asking: async (question, shown) => {
      await until(() => begun);
      // An earlier question is changed in a branch, or what followed it would be lost.
      if (question.trim() && edits && JSON.parse(text || "{}").exchanges?.at(-1)?.id !== edits) {
        const chosen = page.choice();
        await soon(async () => {
          [open, text] = await branched(edits, 0);
          [shown, wanted, edits] = [text, text, ""];
          page.choose(chosen);
        });
      }
      const sent = JSON.stringify({ scope: page.scope(), edits, llm: page.writes() });
      if (question.trim()) {
        edits = typed = "";
        one("#editing").hidden = true;
      }
      return [question, shown || wanted, sent];
    },
  });
  const chose = () => {
    if (!open) return;
    remember();
    const head = heads.get(open);
    if (head && JSON.stringify(head.chosen ?? null) !== JSON.stringify(page.choice())) {
      head.chosen = page.choice();
      soon(() => write(head.id, { chosen: head.chosen }));
    }
  };
  page.onChoice(chose);
  page.onWriter(chose);
}
