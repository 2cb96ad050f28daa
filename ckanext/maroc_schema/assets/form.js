// What the forms do with JavaScript. Without it every question shows, the consequences
// come with the answer of the server, and nothing is kept by the browser.

// A deposit: the file is asked for once the classification lets it in.
this.ckan.module("maroc-deposit", () => ({
  initialize() {
    const form = this.el[0];
    const step = form.querySelector("[name=step]");
    const levels = [...form.querySelectorAll("[data-level]")];
    const without = form.querySelector("[data-without]");
    const follow = () => {
      const answer = form.querySelector("[name=classification]:checked")?.value;
      const said = levels.find((level) => level.dataset.level === answer);
      for (const level of levels) level.hidden = level !== said;
      const open = answer !== undefined && said === undefined;
      for (const part of form.querySelectorAll("[data-file]")) part.hidden = !open;
      without.hidden = !open && (!said || "closed" in said.dataset);
      step.value = open ? "file" : "";
      // Unless it is known that nothing is secret, no byte leaves this device.
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
        const large = request.status === 413;
        told.textContent = large ? form.dataset.large : form.dataset.cut;
      };
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.max = total;
        bar.value = loaded;
        const share = Math.floor((100 * loaded) / total);
        told.textContent = form.dataset.sending.replace("{share}", `${share} %`);
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

    // What follows in law from the answers given so far, at each question.
    const places = [...form.querySelectorAll("[data-consequences]")];
    const legal = (name) =>
      form.querySelector(`[name="${name}"]`)?.closest("[data-legal]");
    const line = (reason) => {
      const lang = form.dataset.lang in reason.sentence ? form.dataset.lang : "fr";
      const said = document.createElement("p");
      said.className = `maroc-consequence maroc-${reason.outcome}`;
      said.append(`${reason.sentence[lang]} ${reason.way_out[lang]} `);
      if (reason.article) {
        const article = document.createElement("bdi");
        article.lang = "fr";
        article.textContent = `(${reason.article})`;
        said.append(article);
      }
      return said;
    };
    let turn = 0;
    const judge = async () => {
      turn += 1;
      const mine = turn;
      const asked = {};
      for (const [name, values] of Object.entries(answers())) {
        if (!legal(name) || legal(name).hidden) continue;
        const said = values.filter((value) => value !== "");
        if (said.length) asked[name] = said.length > 1 ? said : said[0];
      }
      const answer = await fetch(form.dataset.assess, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": form.querySelector("[name=_csrf_token]").value,
        },
        body: JSON.stringify(asked),
      }).catch(() => null);
      if (mine !== turn) return;
      const reasons = answer?.ok ? (await answer.json()).result.reasons : [];
      for (const place of places) {
        const name = place.dataset.consequences;
        const lines = reasons
          .filter((reason) => reason.fields[0] === name && name in asked)
          .map(line);
        // What is said again word for word would be read again aloud.
        const same = lines.map((each) => each.textContent).join("");
        if (place.textContent.replace(/\s+/g, "") === same.replace(/\s+/g, ""))
          continue;
        place.replaceChildren(...lines);
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

    // What was typed outlives a lost connection and a lost login, in this window.
    const keep = () => {
      const kept = { version: form.dataset.version, answers: answers() };
      try {
        sessionStorage.setItem(key, JSON.stringify(kept));
      } catch {
        // A browser that keeps nothing: the form itself still works.
      }
    };
    const forget = () => sessionStorage.removeItem(key);
    const kept = () => {
      try {
        return JSON.parse(sessionStorage.getItem(key) ?? "null");
      } catch {
        return null;
      }
    };
    const take = (given) => {
      for (const input of form.elements) {
        const values = given[input.name];
        if (!input.name || input.name.startsWith("_") || input.type === "file")
          continue;
        if (input.type === "checkbox" || input.type === "radio")
          input.checked = (values ?? []).includes(input.value);
        else if (input.type !== "hidden" && input.type !== "submit" && values)
          input.value = values[0];
        count(input);
      }
      for (const part of form.querySelectorAll("details:has(input:checked)"))
        part.open = true;
      ask();
      compare();
      judge();
    };
    const offer = () => {
      const before = kept();
      if (!before) return;
      if (JSON.stringify(before.answers) === JSON.stringify(answers())) {
        forget();
        return;
      }
      const bar = document.createElement("p");
      bar.className = "alert alert-info";
      bar.setAttribute("role", "status");
      const older = before.version !== form.dataset.version;
      bar.append(`${form.dataset.restore} ${older ? form.dataset.older : ""} `);
      for (const [label, act] of [
        [form.dataset.take, () => take(before.answers)],
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
    // A question that is not asked any more keeps no answer.
    form.addEventListener("submit", () => {
      for (const question of questions.filter((each) => each.hidden))
        for (const input of question.querySelectorAll("input, textarea, select")) {
          if (input.type === "checkbox" || input.type === "radio")
            input.checked = false;
          else input.value = "";
        }
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

// Keywords: each is proposed as it is typed; one that is chosen is written in the other
// language too. Where nothing proposes words, the line is an ordinary one.
this.ckan.module("maroc-keywords", () => ({
  initialize() {
    const box = this.el[0];
    const lines = [...box.querySelectorAll("input")];
    const proposed = new Map();
    const comma = (input) => (input.lang === "ar" ? "، " : ", ");
    const words = (input) =>
      input.value
        .split(/[,،;؛]/)
        .map((word) => word.trim())
        .filter(Boolean);

    const propose = async (input, list) => {
      const all = words(input);
      const typed = /[,،;؛]\s*$/.test(input.value) ? "" : (all.pop() ?? "");
      if (typed.length < 2 || proposed.has(`${input.lang} ${typed}`)) return;
      const asked = new URLSearchParams({ q: typed, lang: input.lang });
      const answer = await fetch(`${box.dataset.propose}?${asked}`).catch(() => null);
      if (!answer?.ok) return;
      const before = all.length ? all.join(comma(input)) + comma(input) : "";
      list.replaceChildren();
      for (const entry of (await answer.json()).result) {
        proposed.set(`${input.lang} ${entry[input.lang]}`, entry);
        const option = document.createElement("option");
        option.value = before + entry[input.lang];
        list.append(option);
      }
    };

    for (const input of lines) {
      const list = document.createElement("datalist");
      list.id = `${input.id}-list`;
      input.after(list);
      input.setAttribute("list", list.id);
      let wait;
      input.addEventListener("input", () => {
        clearTimeout(wait);
        wait = setTimeout(() => propose(input, list), 200);
      });
      input.addEventListener("change", () => {
        const entry = proposed.get(`${input.lang} ${words(input).at(-1)}`);
        for (const other of lines.filter((each) => entry && each !== input)) {
          const word = entry[other.lang];
          if (!word || words(other).includes(word)) continue;
          other.value = [...words(other), word].join(comma(other));
        }
      });
    }
  },
}));
