() => {
  // Files that are dropped anywhere on the page are added to the notes, by the upload button of the room that is open.
  const page = window.notesAssistant;
  const { add, all, said } = page;
  const here = add("div", "drop-here", "status");
  here.hidden = true;
  const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let inside = 0; // the elements that the pointer with the files is in
  const over = (change) => {
    inside = Math.max(0, inside + change);
    if (here.hidden && inside) here.replaceChildren(...said("drop_here"));
    here.hidden = !inside;
  };
  const upload = () => all(".adds").find((button) => button.offsetParent) ?? all(".adds")[0];
  document.addEventListener("dragenter", (event) => files(event) && over(1), true);
  document.addEventListener("dragleave", (event) => files(event) && over(-1), true);
  document.addEventListener("dragover", (event) => files(event) && event.preventDefault(), true);
  document.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    event.stopPropagation();
    over(-inside);
    const field = upload()?.previousElementSibling;
    if (!field || !event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }, true);
}
