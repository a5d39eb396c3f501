// Figures. Colors are those of the text around them, so that dark mode and print need no redrawing.

const STEPS = 100;
const INK = "currentColor";
const CONFIG = {
  background: "transparent",
  font: "system-ui, Helvetica, Arial, sans-serif",
  axis: {
    labelColor: INK, titleColor: INK, domainColor: INK, tickColor: INK, gridColor: INK,
    gridOpacity: 0.12, domainOpacity: 0.5, tickOpacity: 0.5, labelFontSize: 11,
    titleFontSize: 12, titleFontWeight: "normal",
  },
  legend: {
    orient: "top", labelColor: INK, titleColor: INK, labelFontSize: 11, titleFontSize: 11,
    titleFontWeight: "normal",
  },
  header: { labelColor: INK, titleColor: INK },
  title: { color: INK, subtitleColor: INK },
  view: { stroke: null },
};

const views = new WeakMap();

function scoreRows(output) {
  return output.counts.flatMap((counts, label) => counts.map((count, bin) => ({
    output: output.name, class: String(label), low: bin / STEPS, high: (bin + 1) / STEPS, count,
  })));
}

function figureRows(data, kind, output) {
  if (kind === "scores") return scoreRows(chosenOutput(data, output));
  const rows = rowsOf(data.figures[kind]);
  return output === undefined ? rows : rows.filter((row) => (row.output ?? output) === output);
}

function modelOf(node) {
  return node.closest("details.model");
}

function outputOf(node) {
  return modelOf(node).querySelector("select[data-outputs]")?.value;
}

function nameFigure(figure, captions, output) {
  const caption = captions.get(output) ?? captions.get("");
  if (caption === undefined) return;
  figure.querySelector("figcaption").firstChild.data = `${caption} `;
  figure.setAttribute("aria-label", `${figure.dataset.of}: ${caption}`);
}

async function drawFigure(figure) {
  const { kind, source } = figure.dataset;
  const chart = figure.querySelector(".chart");
  const [data, specifications] = await Promise.all([block(source), block("specifications")]);
  const output = outputOf(figure);
  const rows = figureRows(data, kind, output);
  nameFigure(figure, new Map(Object.entries(data.captions[kind])), output);
  views.get(figure)?.finalize();
  if (!rows.length) {
    chart.replaceChildren(element("p", "Not in this page: the table holds it.", { class: "soft" }));
    return;
  }
  const specification = {
    ...structuredClone(specifications[kind]),
    datasets: { table: rows },
    description: figure.getAttribute("aria-label"),
  };
  const name = `${modelOf(figure).id.slice("d.".length)}.${kind}`;
  const made = await window.vegaEmbed(chart, specification, {
    actions: { export: true, source: false, compiled: false, editor: false },
    ast: true, // no code is made from text, which the page's security policy forbids
    config: CONFIG,
    downloadFileName: name,
    renderer: "svg",
  });
  views.set(figure, made);
  const drawing = chart.querySelector("svg.marks");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", specification.description);
  chart.querySelector("summary")?.setAttribute("aria-label", `Save ${name}`);
  if (kind === "scores") moveRule(figure, thresholdOf(figure));
}

// The threshold: score > t is what lies in the bins from t on.

function chosenOutput(data, name) {
  return data.thresholds.find((output) => output.name === name) ?? data.thresholds[0];
}

function thresholdOf(node) {
  return Number(modelOf(node).querySelector(".slide input").value);
}

function moveRule(figure, threshold) {
  views.get(figure)?.view.signal("threshold", threshold).run();
}

function confusion(counts, threshold) {
  const first = Math.round(threshold * STEPS);
  const total = (values) => values.reduce((sum, value) => sum + value, 0);
  return counts.map((bins) => [total(bins.slice(0, first)), total(bins.slice(first))]);
}

function ratesOf([[tn, fp], [fn, tp]]) {
  const share = (part, whole) => (whole ? part / whole : 0);
  const product = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
  return {
    accuracy: share(tp + tn, tp + tn + fp + fn),
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    specificity: share(tn, tn + fp),
    F1: share(2 * tp, 2 * tp + fp + fn),
    MCC: share(tp * tn - fp * fn, product),
  };
}

function showThreshold(panel, counts) {
  const threshold = thresholdOf(panel);
  const matrix = confusion(counts, threshold);
  panel.querySelector("output").textContent = threshold.toFixed(2);
  panel.querySelectorAll(".matrix td").forEach((cell, place) => {
    const row = matrix[Math.floor(place / 2)];
    const count = row[place % 2];
    const share = row[0] + row[1] ? count / (row[0] + row[1]) : 0;
    cell.replaceChildren(count.toLocaleString("en"), element("small", `${(100 * share).toFixed(1)} %`));
    cell.style.setProperty("--share", share.toFixed(3));
  });
  panel.querySelector(".rates").replaceChildren(
    ...Object.entries(ratesOf(matrix)).map(([name, value]) => {
      const pair = element("div");
      pair.append(element("dt", name), element("dd", value.toFixed(3)));
      return pair;
    }));
  modelOf(panel).querySelectorAll('figure[data-kind="scores"]').forEach((figure) =>
    moveRule(figure, threshold));
}

async function makeThreshold(panel) {
  const { counts, rules } = chosenOutput(await block(panel.dataset.source), outputOf(panel));
  const slider = panel.querySelector(".slide input");
  panel.querySelector(".buttons").replaceChildren(
    ...[["default", 0.5], ...rules].map(([name, value]) => {
      const button = element("button", `${name} (${+value.toFixed(3)})`, { type: "button" });
      button.addEventListener("click", () => {
        slider.value = value;
        showThreshold(panel, counts);
      });
      return button;
    }));
  slider.oninput = () => showThreshold(panel, counts);
  showThreshold(panel, counts);
}
