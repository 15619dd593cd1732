// Airflow's colour mode: kept under "theme" by its web UI, on the same origin; "system" and none follow the machine.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const put = () => {
    let said = null;
    try { said = localStorage.getItem("theme"); } catch { /* no storage: follow the machine */ }
    const is = said === "dark" || said === "light" ? said : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = is;
  };
  put();
  dark.addEventListener("change", put);
  window.addEventListener("storage", put);
})();
