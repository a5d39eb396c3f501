// Everything is made when it is near the window or, where it stands open, when the browser is idle.

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

// A print waits for nothing, so that what stands open is made before.
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 100));

async function makeNext() {
  const next = [...pending.keys()].find((node) => !node.closest("details:not([open])"));
  if (!next) return;
  try {
    await makeNow(next);
  } finally {
    whenIdle(makeNext);
  }
}

window.addEventListener("load", () => whenIdle(makeNext));
document.addEventListener("toggle", () => whenIdle(makeNext), { capture: true });

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
