// What the forms do with JavaScript. Without it every question shows, the consequences
// come with the answer of the server, and nothing is kept by the browser.

// A deposit: the file is asked for once the classification lets it in.
this.ckan.module("maroc-deposit", () => ({
  initialize() {
    const form = this.el[0];
    const step = form.querySelector("[name=step]");
    const levels = [...form.querySelectorAll("[data-level]")];
    const closed = new Set(levels.map((level) => level.dataset.level));
    const follow = () => {
      const answer = form.querySelector("[name=classification]:checked")?.value;
      for (const level of levels) level.hidden = level.dataset.level !== answer;
      const open = answer !== undefined && !closed.has(answer);
      for (const part of form.querySelectorAll("[data-file]")) part.hidden = !open;
      step.value = open ? "file" : "";
      // At one of the four levels no byte leaves this device.
      const file = form.querySelector("[type=file]");
      if (!open && file) file.value = "";
    };
    form.addEventListener("change", follow);
    follow();

    // A file on its way shows how far it is; one that is cut off loses nothing: the
    // answers and the file stay chosen.
    const bar = form.querySelector("progress");
    const told = form.querySelector("[data-upload]");
    form.addEventListener("submit", (event) => {
      const file = form.querySelector("[type=file]");
      if (!file?.files.length || event.submitter?.value !== "go-on") return;
      event.preventDefault();
      const sent = new FormData(form, event.submitter);
      const request = new XMLHttpRequest();
      const busy = (is) => {
        for (const button of form.querySelectorAll("button")) button.disabled = is;
        bar.hidden = !is;
      };
      const cut = () => {
        busy(false);
        told.textContent = form.dataset.cut;
      };
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.max = total;
        bar.value = loaded;
        const share = Math.floor((100 * loaded) / total);
        told.textContent = form.dataset.sending.replace("{share}", share);
      });
      request.addEventListener("load", () => {
        const url = new URL(request.responseURL);
        if (url.pathname !== new URL(form.action).pathname) {
          location.assign(url);
          return;
        }
        const answer = new DOMParser().parseFromString(
          request.responseText,
          "text/html",
        );
        const next = answer.querySelector("#deposit");
        if (!next) {
          cut();
          return;
        }
        // The file that was chosen stays: only what was wrong is said anew.
        form.querySelector(".error-explanation")?.remove();
        const errors = next.querySelector(".error-explanation");
        if (errors) {
          form.prepend(errors);
          errors.focus();
        }
        told.textContent = "";
        busy(false);
      });
      for (const end of ["error", "abort", "timeout"]) {
        request.addEventListener(end, cut);
      }
      request.open("POST", form.action);
      request.send(sent);
      busy(true);
    });
  },
}));

// The questions of a dataset: those that are asked, what follows, what is kept.
this.ckan.module("maroc-form", () => ({
  initialize() {
    const form = this.el[0];
    const key = `maroc:${location.pathname}`;
    const questions = [...form.querySelectorAll("[data-shown-if]")];

    const answers = () => {
      const found = {};
      for (const [name, value] of new FormData(form)) {
        if (typeof value !== "string" || name.startsWith("_")) continue;
        if (!found[name]) found[name] = [];
        found[name].push(value);
      }
      return found;
    };

    const ask = () => {
      const given = answers();
      for (const question of questions) {
        const conditions = Object.entries(JSON.parse(question.dataset.shownIf));
        question.hidden = !conditions.every(([name, wanted]) =>
          (given[name] ?? []).some((value) => wanted.includes(value)),
        );
      }
    };

    const places = [...form.querySelectorAll("[data-consequences]")];
    const legal = (name) =>
      form.querySelector(`[name="${name}"]`)?.closest("[data-legal]");
    let turn = 0;
    const judge = async () => {
      turn += 1;
      const mine = turn;
      const asked = new URLSearchParams();
      for (const [name, values] of Object.entries(answers())) {
        if (!legal(name)) continue;
        const said = values.filter((value) => value !== "");
        if (said.length > 1) asked.set(name, JSON.stringify(said));
        else if (said.length === 1) asked.set(name, said[0]);
      }
      const answer = await fetch(`${form.dataset.assess}?${asked}`).catch(() => null);
      if (!answer?.ok || mine !== turn) return;
      const { reasons } = (await answer.json()).result;
      for (const place of places) {
        const name = place.dataset.consequences;
        place.replaceChildren();
        if (!asked.has(name)) continue;
        for (const reason of reasons.filter((each) => each.fields[0] === name)) {
          const line = document.createElement("p");
          const lang = form.dataset.lang in reason.sentence ? form.dataset.lang : "fr";
          line.className = `maroc-consequence maroc-${reason.outcome}`;
          line.append(`${reason.sentence[lang]} ${reason.way_out[lang]} `);
          if (reason.article) {
            const article = document.createElement("small");
            article.textContent = `(${reason.article})`;
            line.append(article);
          }
          place.append(line);
        }
      }
    };

    const parity = form.querySelector("[data-parity]");
    const compare = () => {
      const pairs = [...form.querySelectorAll(".maroc-languages")];
      const filled = (lang) =>
        pairs.filter((pair) => pair.querySelector(`[lang=${lang}]`)?.value.trim())
          .length;
      parity.textContent = parity.dataset.parity
        .replace("{fr}", filled("fr"))
        .replace("{ar}", filled("ar"))
        .replaceAll("{all}", pairs.length);
    };
    const count = (input) => {
      const shown = document.getElementById(`${input.id}-count`);
      if (shown) shown.textContent = `${input.value.length} / ${shown.dataset.limit}`;
    };

    // What was typed outlives a lost connection, a lost login and a closed window.
    const keep = () => {
      const kept = { version: form.dataset.version, answers: answers() };
      sessionStorage.setItem(key, JSON.stringify(kept));
    };
    const forget = () => sessionStorage.removeItem(key);
    const take = (kept) => {
      for (const input of form.elements) {
        const values = kept[input.name];
        if (!input.name || input.name.startsWith("_") || input.type === "file")
          continue;
        if (input.type === "checkbox" || input.type === "radio")
          input.checked = (values ?? []).includes(input.value);
        else if (input.type !== "hidden" && input.type !== "submit" && values)
          input.value = values[0];
      }
      ask();
      judge();
    };
    const offer = () => {
      const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
      if (!kept) return;
      const same = JSON.stringify(kept.answers) === JSON.stringify(answers());
      if (same || kept.version !== form.dataset.version) {
        forget();
        return;
      }
      const bar = document.createElement("p");
      bar.className = "alert alert-info";
      bar.setAttribute("role", "status");
      bar.append(`${form.dataset.restore} `);
      for (const [label, act] of [
        [form.dataset.take, () => take(kept.answers)],
        [form.dataset.forget, forget],
      ]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-secondary btn-sm";
        button.textContent = label;
        button.addEventListener("click", () => {
          act();
          bar.remove();
        });
        bar.append(button, " ");
      }
      form.prepend(bar);
    };

    form.addEventListener("input", (event) => {
      count(event.target);
      compare();
      keep();
    });
    form.addEventListener("change", (event) => {
      ask();
      if (event.target.name && legal(event.target.name)) judge();
    });
    ask();
    offer();
    compare();
    for (const input of form.querySelectorAll("input, textarea")) count(input);
  },
}));
