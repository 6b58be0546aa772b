// The request form and the pages around it: what a script adds to forms that work without one.
import "./request.css";

import { chooseCountries } from "./countries";
import { watchDays } from "./days";
import { checkIdentifier } from "./identifier";
import { watchZone } from "./zone";

/** The GTN's tutorials are asked for only where its materials are used; what was typed stays. */
function showOnlyIfUsed(form: HTMLFormElement): void {
    const box = form.querySelector<HTMLInputElement>("#use_gtn");
    const field = form.querySelector<HTMLElement>('[data-field="gtn_links"]');
    if (!box || !field) {
        return;
    }
    const isWrong = field.querySelector("[aria-invalid]") !== null;
    const show = (): void => {
        field.hidden = !box.checked && !isWrong;
    };
    box.addEventListener("change", show);
    show();
}

/** The second click on the button does nothing while the first is on its way. */
function sendOnce(form: HTMLFormElement): void {
    let sent = false;
    form.addEventListener("submit", (event) => {
        if (sent) {
            event.preventDefault();
        }
        sent = true;
        form.querySelector("button[type=submit]")?.setAttribute("aria-disabled", "true");
    });
    addEventListener("pageshow", () => {
        sent = false;
        form.querySelector("button[type=submit]")?.removeAttribute("aria-disabled");
    });
}

document.documentElement.classList.add("tiaas-scripted");
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    watchZone(form);
    watchDays(form);
    chooseCountries(form);
    checkIdentifier(form);
    showOnlyIfUsed(form);
    sendOnce(form);
}
