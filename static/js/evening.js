// Composing: a change of people or of the way of riding is worked out at once; without a script there is a button.
for (const form of document.querySelectorAll("form[data-resend]")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}
