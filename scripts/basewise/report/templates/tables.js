// Tables: rows stand in the page, or are made from data; then sorted, filtered, paged, downloaded.

const PAGE_ROWS = 25;
const LONG = 24;

function shortNumber(value) {
  if (value === null) return "";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1e6 ? String(value) : value.toExponential(2);
}

function measure(value) {
  const usual = value !== null && Math.abs(value) < 10 && (value === 0 || Math.abs(value) >= 0.001);
  return usual ? value.toFixed(3) : shortNumber(value);
}

const CELLS = {
  text: (table, { of }, row) => element("td", cellOf(table, of, row) ?? ""),
  number: (table, { of }, row) => {
    const value = cellOf(table, of, row);
    return element("td", shortNumber(value), { class: "number", "data-value": value ?? "" });
  },
  p: (table, { of }, row) => {
    const value = cellOf(table, of, row);
    const text = value !== null && value < 0.001 ? "< 0.001" : measure(value);
    return element("td", text, { class: "number", "data-value": value ?? "" });
  },
  interval: (table, { of }, row) => {
    const [value, low, high] = [of, "low", "high"].map((name) => cellOf(table, name, row));
    const cell = element("td", measure(value), {
      class: "number", "data-value": value ?? "", "data-tsv": [value, low, high].join("\t"),
    });
    if (low !== null) cell.append(element("small", `${measure(low)} to ${measure(high)}`));
    return cell;
  },
  link: (table, { of }, row) => {
    const cell = element("td");
    cell.append(element("a", cellOf(table, of, row), { href: `#${cellOf(table, "place", row)}` }));
    return cell;
  },
  long: (table, { of }, row) => {
    const text = String(cellOf(table, of, row) ?? "");
    const cell = element("td", text.length > LONG ? "" : text, { "data-tsv": text });
    if (text.length > LONG) {
      const details = element("details", "", { class: "long" });
      details.append(element("summary", `${text.slice(0, LONG)}\u2026`), text);
      cell.append(details);
    }
    return cell;
  },
};

function fillTable(node, table) {
  const head = element("tr");
  for (const { title, kind } of table.titles) {
    const numeric = ["number", "interval", "p"].includes(kind);
    const cell = element("th", title, { scope: "col", ...(numeric && { class: "number" }) });
    if (kind === "interval") cell.dataset.tsv = `${title.replace(/ \(.*/, "")}\tlow\thigh`;
    head.append(cell);
  }
  node.append(element("thead"), element("tbody"));
  node.tHead.append(head);
  return Array.from({ length: table.rows }, (_, row) => {
    const made = element("tr");
    made.append(...table.titles.map((column) => CELLS[column.kind](table, column, row)));
    return made;
  });
}

const tsvOf = (cell) => cell.dataset.tsv ?? cell.dataset.value ?? cell.textContent.trim();
const keyOf = (row, place) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();

function compare(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "");
  return Number.isNaN(a - b) ? a.localeCompare(b, "en", { numeric: true }) : a - b;
}

function sortRows(rows, place, down) {
  const keyed = rows.map((row) => [keyOf(row, place), row]);
  const sign = down ? -1 : 1;
  keyed.sort(([a], [b]) => (a === "" || b === "" ? compare(a, b) : sign * compare(a, b)));
  return keyed.map(([, row]) => row);
}

function download(name, lines) {
  const file = new Blob([lines.map((cells) => `${cells.join("\t")}\n`).join("")], { type: "text/tab-separated-values" });
  const link = element("a", "", { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function makeTable(node) {
  const { source, table, file } = node.dataset;
  const size = Number(node.dataset.rows ?? PAGE_ROWS);
  let rows = source ? fillTable(node, (await block(source)).tables[table]) : [...node.tBodies[0].rows];
  const heads = [...node.tHead.rows[0].cells];
  const state = { page: 0, words: "" };
  const found = () => (state.words ? rows.filter((row) => row.textContent.toLowerCase().includes(state.words)) : rows);

  const tools = element("div", "", { class: "tools" });
  const place = element("span", "", { "aria-live": "polite" });
  const [back, forth] = ["Previous", "Next"].map((text) => element("button", text, { type: "button" }));

  function show() {
    const left = found();
    state.page = Math.max(0, Math.min(state.page, Math.ceil(left.length / size) - 1));
    const first = state.page * size;
    const page = left.slice(first, first + size);
    node.tBodies[0].replaceChildren(...page);
    place.textContent = `${left.length ? first + 1 : 0} to ${first + page.length} of ${left.length.toLocaleString("en")}`;
    back.disabled = first === 0;
    forth.disabled = first + page.length >= left.length;
  }

  heads.forEach((head, column) => {
    const title = head.textContent;
    head.dataset.tsv ??= title;
    head.setAttribute("aria-sort", "none");
    const button = element("button", title, { type: "button" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows = sortRows(rows, column, down);
      state.page = 0;
      show();
    });
  });

  const save = element("button", "Download TSV", { type: "button" });
  save.addEventListener("click", () =>
    download(file, [heads, ...found().map((row) => [...row.cells])].map((cells) => cells.map(tsvOf))));
  if (rows.length > size) {
    const search = element("input", "", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
    search.addEventListener("input", () => {
      state.words = search.value.toLowerCase();
      show();
    });
    back.addEventListener("click", () => { state.page -= 1; show(); });
    forth.addEventListener("click", () => { state.page += 1; show(); });
    const pager = element("div", "", { class: "pager" });
    pager.append(place, back, forth);
    tools.append(search, save, pager);
  } else {
    tools.append(save);
  }
  node.closest(".scroll").before(tools);
  show();
}
