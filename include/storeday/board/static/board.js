// Links to Airflow's own pages. Airflow shows the board in a frame that may not steer the window around it, so the
// window is asked to follow a link of its own.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[data-airflow]");
  if (!link || window.parent === window || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const outside = window.parent.document.createElement("a");
  outside.href = link.href;
  window.parent.document.body.append(outside);
  outside.click();
  outside.remove();
});
