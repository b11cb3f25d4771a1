"use strict";

// Tables: a click on a head sorts by it; again, the other way round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => {
      const cell = row.cells[column];
      if (cell.dataset.sort === undefined) return cell.textContent;
      return cell.dataset.sort === "" ? NaN : Number(cell.dataset.sort);
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (typeof x === "string") return x.localeCompare(y, undefined, { numeric: true }) * (down ? -1 : 1);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return (x - y) * (down ? -1 : 1);
    };
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
  }));
}

// Charts: the label of the mark under the pointer.
const tip = document.getElementById("tip");
for (const chart of document.querySelectorAll(".chart")) {
  chart.addEventListener("pointermove", (event) => {
    const mark = event.target.closest("[aria-label]:not(g)");
    tip.hidden = !mark || !chart.contains(mark) || mark === chart || mark.tagName === "svg";
    if (tip.hidden) return;
    tip.textContent = mark.getAttribute("aria-label");
    const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  });
  chart.addEventListener("pointerleave", () => { tip.hidden = true; });
}

// Galleries: one channel, or all.
for (const gallery of document.querySelectorAll(".gallery")) {
  gallery.addEventListener("change", (event) => {
    for (const image of gallery.querySelectorAll("img")) {
      const views = image.parentElement.querySelectorAll("img").length;
      image.hidden = image.dataset.view !== (views > 1 ? event.target.value : "0");
    }
  });
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

for (const button of document.querySelectorAll("button.save")) {
  button.addEventListener("click", () => {
    const drawn = button.closest("figure").querySelector("svg").cloneNode(true);
    drawn.style.color = "#000";
    save(button.dataset.name, "image/svg+xml", new XMLSerializer().serializeToString(drawn));
  });
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.of);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected: copy it now";
    }
  });
}
