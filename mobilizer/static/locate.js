// Asks the phone where it is, after the page has said why and somebody has pressed the button; fills the form and sends it.
(() => {
  "use strict";
  const said = document.getElementById("place-asked");
  const answer = said?.querySelector("output");
  document.querySelectorAll("form[data-locate]").forEach((form) => {
    const button = form.querySelector("[type=submit]");
    let asking = false;
    button.addEventListener("click", (event) => {
      const code = form.elements.code.value.replace(/[\s-]/g, "");
      if (form.elements.latitude.value || /^\d{6}$/.test(code)) return;
      event.preventDefault();
      if (asking) return;
      const failed = () => {
        asking = false;
        answer.textContent = said.dataset.denied;
      };
      if (!navigator.geolocation) return failed();
      asking = true;
      answer.textContent = said.dataset.finding;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        form.elements.latitude.value = coords.latitude;
        form.elements.longitude.value = coords.longitude;
        form.elements.accuracy.value = coords.accuracy;
        answer.textContent = "";
        asking = false;
        form.requestSubmit(button);
      }, failed, { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
    });
  });
})();
