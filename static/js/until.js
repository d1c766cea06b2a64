// Until: the minutes an offer still stands, from the server's own clock; when they are over the page is asked for again.
for (const box of document.querySelectorAll("[data-until]")) {
  const end = performance.now() + Number(box.dataset.until) * 1000;
  const timer = setInterval(() => {
    const left = Math.floor((end - performance.now()) / 60000);
    if (left < 0) { clearInterval(timer); location.reload(); }
    if (left > 0) box.textContent = box.dataset.words.replace("#", String(left));
  }, 10000);
}
