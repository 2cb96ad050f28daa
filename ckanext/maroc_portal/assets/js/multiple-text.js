/* The "Add" button below a field that takes several texts. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-maroc-add]");
  if (button) {
    window.MultipleText.multiple_add(button.dataset.marocAdd);
  } else if (event.target.closest("a[name=multiple-remove]")) {
    // The last one left is emptied, not removed: the page stays where it is.
    event.preventDefault();
  }
});
