// A form that was sent is not sent again by a second, impatient press. The server guards itself too; this only saves a surprise.
export function preventSecondPress(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (form.dataset["sent"] !== undefined) {
      event.preventDefault();
      return;
    }
    if (form.method !== "post") return;
    form.dataset["sent"] = "";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // Coming back with the browser's own button shows the page as it was left: make its forms usable again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of root.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
    for (const button of root.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
}
