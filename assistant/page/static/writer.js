() => {
  // Which language model writes: the one that a conversation was given, for one answer another, else that of the settings.
  const page = window.notesAssistant;
  const { all, one } = page;
  const { choice, choose } = page;
  let kept = ""; // what this conversation was given,
  let once = ""; // and what one answer is asked of
  let told = () => {};

  const field = () => one("#writer");
  const offered = (name) => [...(field()?.options ?? [])].some(({ value }) => value === name);
  const named = (option) => {
    const words = option.dataset[document.documentElement.lang];
    if (words && option.textContent !== words) option.textContent = words;
  };
  // Beside "Ask again" stand the models that did not write the answer.
  const fill = (menu) => {
    const others = [...field().options].filter(({ value, text }) => ![value, text].includes(menu.dataset.llm));
    const names = others.map(({ value }) => value).join();
    menu.hidden = !others.length;
    if (menu.dataset.filled === names) return;
    menu.dataset.filled = names;
    while (menu.options.length > 1) menu.remove(1);
    for (const other of others) menu.add(other.cloneNode(true));
  };
  const show = () => {
    if (!field()) return;
    all("#writer option, [data-again] option").forEach(named);
    one(".writer").hidden = field().options.length < 2;
    const name = offered(kept) ? kept : field().options[0].value;
    if (field().value !== name) field().value = name;
    all("select[data-again]").forEach(fill);
  };
  document.addEventListener("change", ({ target }) => {
    if (target.id === "writer") {
      kept = target.value === field().options[0].value ? "" : target.value;
      told();
    }
    if (!target.matches?.("select[data-again]")) return;
    once = target.value;
    target.selectedIndex = 0;
    target.closest(".actions").querySelector("[data-event=submit]").click();
  });
  new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
  new MutationObserver(show).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });

  Object.assign(page, {
    choice: () => (kept ? { ...choice(), llm: kept } : choice()),
    choose: (now) => {
      kept = now?.llm ?? "";
      show();
      const { llm, ...notes } = now ?? {};
      choose(now ? notes : now);
    },
    onWriter: (tell) => (told = tell),
    // The model for the question that is being sent; empty for that of the settings.
    writes: () => {
      const [name, otherwise] = [once, kept];
      once = "";
      return [name, otherwise].find((one) => one && offered(one)) ?? "";
    },
  });
}
