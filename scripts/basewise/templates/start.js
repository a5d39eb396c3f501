// Everything is made when it is near the window, in print what stands open.

const MAKERS = [["figure.drawn", drawFigure], [".threshold", makeThreshold], ["table.data", makeTable]];
const pending = new Map(
  MAKERS.flatMap(([selector, make]) => [...document.querySelectorAll(selector)].map((node) => [node, make])));

function makeNow(node) {
  const make = pending.get(node);
  pending.delete(node);
  watcher.unobserve(node);
  return make?.(node);
}

const watcher = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => makeNow(target)),
  { rootMargin: "400px" });
for (const node of pending.keys()) watcher.observe(node);

window.addEventListener("beforeprint", () => {
  [...pending.keys()].filter((node) => !node.closest("details:not([open])")).forEach(makeNow);
});

for (const choice of document.querySelectorAll("select[data-outputs]")) {
  choice.addEventListener("change", () => {
    const model = modelOf(choice);
    for (const [selector, make] of MAKERS.slice(0, 2)) {
      [...model.querySelectorAll(selector)].filter((node) => !pending.has(node)).forEach(make);
    }
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.nextElementSibling.textContent = "Copied.";
  });
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.matches("details")) return;
  target.open = true;
  target.scrollIntoView();
}

window.addEventListener("hashchange", openTarget);
openTarget();
