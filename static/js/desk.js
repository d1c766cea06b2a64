// What the desks gain from a script: a button that prints.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A text as it will be read, while it is typed: the server draws it, as on the public page.
for (const part of document.querySelectorAll("[data-preview]")) {
  const shown = part.querySelector(".reading"), prose = shown.querySelector(".prose");
  let waiting = 0, asked = 0;
  const draw = async (area) => {
    const number = ++asked;
    const body = new FormData();
    body.set("csrf_token", area.form.elements.csrf_token.value);
    body.set("text", area.value);
    const answer = await fetch(part.dataset.preview, { method: "POST", body }).catch(() => null);
    if (!answer?.ok || number !== asked) return;
    prose.innerHTML = await answer.text();
    prose.lang = area.lang;
    shown.hidden = !area.value.trim();
  };
  part.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 250, event.target);
  });
  for (const area of part.querySelectorAll("textarea")) area.addEventListener("focus", () => draw(area));
}
