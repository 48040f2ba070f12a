"""The little that a page does by script: sort and filter tables, switch the theme. Without it everything is readable."""

from __future__ import annotations

SCRIPT = r"""
"use strict";
(function () {
  var root = document.documentElement;
  function make(name, text) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    return made;
  }

  // Theme: what the reader chose before, else what the system asks for.
  var system = window.matchMedia("(prefers-color-scheme: dark)"), button = make("button");
  button.type = "button";
  function dark() { return root.dataset.theme ? root.dataset.theme === "dark" : system.matches; }
  function named() { button.textContent = dark() ? "Light theme" : "Dark theme"; }
  try { var kept = localStorage.getItem("theme"); if (kept === "dark" || kept === "light") { root.dataset.theme = kept; } }
  catch (error) { /* a file may be refused its storage */ }
  button.addEventListener("click", function () {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* the same */ }
    named();
  });
  named();
  document.querySelector("header").appendChild(button);

  // A figure as printed, whatever stands about it; NaN where there is none, which goes last in either order.
  function figure(text) {
    var found = /^[^0-9(-]{0,3}\(?(-?)[$]?([0-9][0-9,]*(?:\.[0-9]+)?)/.exec(text.replace(/[\u2212+]/g, function (sign) {
      return sign === "+" ? "" : "-";
    }));
    return found ? Number(found[1] + found[2].replace(/,/g, "")) : NaN;
  }
  function sorted(rows, place, numeric, sign) {
    return rows.map(function (row, at) {
      var text = row.cells[place].textContent.trim();
      return { row: row, at: at, text: text, value: numeric ? figure(text) : 0 };
    }).sort(function (a, b) {
      if (numeric) {
        if (isNaN(a.value) || isNaN(b.value)) { return isNaN(a.value) - isNaN(b.value) || a.at - b.at; }
        return sign * (a.value - b.value) || a.at - b.at;
      }
      return sign * a.text.localeCompare(b.text, "en") || a.at - b.at;
    });
  }
  document.querySelectorAll("table[data-sort]").forEach(function (table) {
    var body = table.tBodies[0], first = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, place) {
      var press = make("button"), numeric = head.classList.contains("num");
      press.type = "button";
      while (head.firstChild) { press.appendChild(head.firstChild); }
      head.appendChild(press);
      head.setAttribute("aria-sort", "none");
      press.addEventListener("click", function () {
        var order = numeric ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
        var next = order[(order.indexOf(head.getAttribute("aria-sort")) + 1) % 3];
        heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", next);
        var rows = next === "none" ? first : sorted(first, place, numeric, next === "ascending" ? 1 : -1)
          .map(function (item) { return item.row; });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
    if (first.length < 10) { return; }
    var box = make("div"), label = make("label", "Filter rows: "), field = make("input"), told = make("span");
    box.className = "filter";
    field.type = "search";
    told.setAttribute("role", "status");
    label.appendChild(field);
    box.appendChild(label);
    box.appendChild(told);
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLowerCase(), shown = 0;
      first.forEach(function (row) {
        row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0;
        shown += row.hidden ? 0 : 1;
      });
      told.textContent = wanted ? shown + " of " + first.length + " rows" : "";
    });
    var frame = table.closest(".scroll");
    frame.parentNode.insertBefore(box, frame);
  });

  // Only what scrolls is a stop of the keyboard.
  function stops() {
    document.querySelectorAll(".scroll").forEach(function (frame) {
      if (frame.scrollWidth > frame.clientWidth) { frame.tabIndex = 0; } else { frame.removeAttribute("tabindex"); }
    });
  }
  stops();
  window.addEventListener("resize", stops);
})();
""".strip()
