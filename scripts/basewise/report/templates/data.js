// Data in the page. Texts of the user's files enter the document through textContent and attributes.

const blocks = new Map();

async function unpacked(id) {
  const letters = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

function block(id) {
  if (!blocks.has(id)) blocks.set(id, unpacked(id));
  return blocks.get(id);
}

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Tables of report_json.columnar: a column that never changes is kept as one value.
function cellOf(table, column, row) {
  const values = table.columns[column];
  return Array.isArray(values) ? values[row] : values;
}

function rowsOf(table) {
  const names = Object.keys(table.columns);
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, cellOf(table, name, row)])));
}
