/*
 * What the buttons of the resource form do, said by their attributes:
 *
 *   data-maroc-check="id"   chooses the option
 *   data-maroc-clear="id"   empties the field
 *   data-maroc-focus="id"   moves there
 *   data-maroc-press="id"   opens it, as a click would
 */
(() => {
  const ACTIONS = {
    marocCheck: (field) => {
      field.checked = true;
    },
    marocClear: (field) => {
      field.value = "";
    },
    marocFocus: (field) => field.focus(),
    marocPress: (field) => field.click(),
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-maroc-check]");
    if (!button) {
      return;
    }
    for (const [name, act] of Object.entries(ACTIONS)) {
      const field = document.getElementById(button.dataset[name]);
      if (field) {
        act(field);
      }
    }
  });
})();
