// Between a form and the device's own authenticator. The page works without it, and then says what it cannot do; all words
// come from the page.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const read = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const name of ["allowCredentials", "excludeCredentials"]) {
      (options[name] || []).forEach((each) => { each.id = bytes(each.id); });
    }
    return options;
  };

  const written = ({ id, rawId, type, response }) => {
    const said = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) said[name] = text(response[name]);
    }
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({ id, rawId: text(rawId), type, response: said });
  };

  const ask = async (form) => {
    const answer = await fetch(form.dataset.question, {
      method: "POST",
      body: new URLSearchParams({ csrf_token: form.elements.csrf_token.value }),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(), { words: said.words });
    return read(said);
  };

  const worded = (form, error) => {
    if (error.words) return error.words;
    const { cancelled, known, missing, failed } = form.dataset;
    return { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: known, SecurityError: missing }[error.name] || failed;
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const button = form.querySelector("[type=submit]");
    const output = form.querySelector("output");
    const say = (words) => { output.textContent = words; };
    if (!window.PublicKeyCredential || !navigator.credentials) {
      button.hidden = true;
      say(form.dataset.missing);
      return;
    }
    let busy = false;
    // The click, not the sending: until the authenticator has answered there is nothing to send.
    button.addEventListener("click", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      if (busy) return;
      busy = true;
      say(form.dataset.waiting);
      try {
        const publicKey = await ask(form);
        const made = form.dataset.passkey === "make";
        form.elements.credential.value = written(await navigator.credentials[made ? "create" : "get"]({ publicKey }));
        say("");
        button.click();
      } catch (error) {
        say(worded(form, error));
      }
      busy = false;
    });
    addEventListener("pageshow", () => { form.elements.credential.value = ""; });
  });
})();
