/*
 * Core's viewers read global variables that their templates wrote in a script. Here the
 * templates write data, and this reads it: <script type="application/json" data-maroc-global="name">.
 */
for (const data of document.querySelectorAll("script[data-maroc-global]")) {
  window[data.dataset.marocGlobal] = JSON.parse(data.textContent);
}
