"use strict";
(() => {
  const table = document.getElementById("k2-findings");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const articles = rows.map((row) => document.getElementById(row.dataset.anchor));
  const controls = document.getElementById("k2-controls");
  const [verdict, source, words, shown, reset] =
    ["k2-verdict", "k2-source", "k2-words", "k2-shown", "k2-reset"].map(
      (id) => document.getElementById(id));
  let texts = null;

  const filter = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (asked.length && !texts) {
      texts = rows.map((row, k) =>
        (row.textContent + " " + articles[k].textContent).toLowerCase());
    }
    let count = 0;
    rows.forEach((row, k) => {
      const keep = (!verdict.value || row.dataset.group === verdict.value)
        && (!source.value || row.dataset.source === source.value)
        && asked.every((word) => texts[k].includes(word));
      row.hidden = !keep;
      articles[k].hidden = !keep;
      count += keep;
    });
    document.querySelectorAll(".k2-source").forEach((section) => {
      section.hidden = !section.querySelector(".finding:not([hidden])");
    });
    const all = count === rows.length;
    shown.textContent = all ? `${count} claims` : `${count} of ${rows.length} claims`;
    reset.hidden = all;
  };

  const clear = () => {
    verdict.value = source.value = words.value = "";
    filter();
  };

  const heads = Array.from(table.tHead.rows[0].cells);
  const chosen = document.getElementById("k2-sort");

  const sort = (column, down) => {
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    if (column >= 0) {
      heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    }
    const key = (row) => (column < 0 ? "" : row.cells[column].dataset.sort
      || row.cells[column].textContent.trim());
    const sorted = rows.map((row, k) => [key(row), k, row]).sort((a, b) =>
      a[0].localeCompare(b[0], "en", { numeric: true }) * (down ? -1 : 1)
      || a[1] - b[1]);
    body.append(...sorted.map((item) => item[2]));
    chosen.value = column < 0 ? "" : String(column);
  };

  heads.forEach((head, column) => {
    chosen.append(new Option(head.textContent.trim(), String(column)));
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      sort(column, head.getAttribute("aria-sort") === "ascending");
    });
  });
  chosen.addEventListener("change", () => {
    sort(chosen.value === "" ? -1 : Number(chosen.value), false);
  });

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden || target.closest("[hidden]")) clear();
    const details = target.querySelector(":scope > details");
    if (details && target.matches(".folded")) details.open = true;
    target.scrollIntoView();
  };

  const closed = [];
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((item) => {
      closed.push(item);
      item.open = true;
    });
  });
  addEventListener("afterprint", () => {
    closed.splice(0).forEach((item) => { item.open = false; });
  });

  [verdict, source].forEach((select) => select.addEventListener("change", filter));
  words.addEventListener("input", filter);
  reset.addEventListener("click", clear);
  addEventListener("hashchange", reveal);
  controls.hidden = false;
  filter();
  if (location.hash) reveal();
})();
