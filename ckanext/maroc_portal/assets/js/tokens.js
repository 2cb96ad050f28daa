/* The page of the API tokens: revoke those that are chosen, show the one just made. */
(() => {
  const update = () => {
    const button = document.getElementById("revoke-tokens-button");
    if (button) {
      button.disabled = !document.querySelector("input[name=token]:checked");
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=token]")) {
      update();
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    update();
    const made = document.querySelector("[data-maroc-reveal]");
    if (made) {
      document.getElementById(made.dataset.marocReveal)?.scrollIntoView(false);
    }
  });

  // The rows that go leave without a swap of their own.
  document.addEventListener("htmx:oobAfterSwap", update);
  document.addEventListener("htmx:afterRequest", update);
})();
