// Finds a place among 1,591 by its French or Arabic name. Without it the list still works.
this.ckan.module("maroc-territories", () => {
  const plain = (text) =>
    text
      .normalize("NFKD")
      .replace(/[\u0300-\u036f\u064b-\u0652\u0640]/g, "")
      .replace(/[أإآٱ]/g, "ا")
      .replace(/ة/g, "ه")
      .replace(/ى/g, "ي")
      .replace(/[’'-]/g, " ")
      .toLowerCase()
      .trim();

  return {
    initialize() {
      const root = this.el[0];
      const search = root.querySelector(".maroc-territories-search");
      const status = search.querySelector("[role=status]");
      const places = [...root.querySelectorAll(".maroc-box")].map((row) => {
        const inside = row.previousElementSibling;
        const name = inside?.tagName === "SUMMARY" ? inside : row;
        return { row, name: plain(name.textContent) };
      });
      const groups = [...root.querySelectorAll("details")];
      const opened = new Map(groups.map((group) => [group, group.open]));

      const show = (wanted) => {
        let found = 0;
        for (const { row, name } of places) {
          row.hidden = wanted !== "" && !name.includes(wanted);
          found += row.hidden ? 0 : 1;
        }
        for (const group of groups) {
          const some = group.querySelector(".maroc-box:not([hidden])") !== null;
          group.hidden = !some;
          group.open = wanted === "" ? opened.get(group) || hasChosen(group) : some;
        }
        status.textContent =
          wanted === ""
            ? ""
            : found === 0
              ? status.dataset.none
              : status.dataset.found.replace("{number}", found);
      };
      const hasChosen = (group) => group.querySelector("input:checked") !== null;

      search.hidden = false;
      search.querySelector("input").addEventListener("input", (event) => {
        const wanted = plain(event.target.value);
        show(wanted.length > 1 ? wanted : "");
      });
      // Enter looks no further; it must not send the form.
      search.querySelector("input").addEventListener("keydown", (event) => {
        if (event.key === "Enter") event.preventDefault();
      });
    },
  };
});
