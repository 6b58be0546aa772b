// Hands and questions on the dashboard: their forms become requests, so that nothing is reloaded.
import "./help.css";

import { Refused, request } from "../../requests";

/**
 * Sends the forms of "Needs help" anywhere below `root`, now and later, through the API.
 * `refresh` is called when something has changed, to show it.
 */
export function sendHelpForms(root: HTMLElement, refresh: () => void | Promise<void>): void {
    root.addEventListener("submit", (event) => {
        const form = event.target;
        if (form instanceof HTMLFormElement && form.dataset.help && form.dataset.api) {
            event.preventDefault();
            void send(root, form, refresh);
        }
    });
}

async function send(root: HTMLElement, form: HTMLFormElement, refresh: () => void | Promise<void>): Promise<void> {
    const button = form.querySelector("button");
    button?.setAttribute("aria-disabled", "true");
    try {
        await request(...requestOf(form));
        form.reset();
        say(root, "");
        await refresh();
    } catch (problem) {
        say(
            root,
            problem instanceof Refused && problem.status < 500
                ? problem.message
                : "Galaxy cannot be reached. Please try again in a moment.",
        );
    } finally {
        button?.removeAttribute("aria-disabled");
    }
}

/** Method, address and content of the request that says the same as a form. */
export function requestOf(form: HTMLFormElement): [method: string, address: string, body?: unknown] {
    const address = form.dataset.api ?? "";
    if (form.dataset.help === "lower") {
        return ["PUT", address, { raised: false }];
    }
    if (form.dataset.help === "close") {
        return ["DELETE", address];
    }
    const fields = new FormData(form);
    const [text, position] = [fields.get("text"), fields.get("position")];
    return ["POST", address, { text: text ?? "", position: position ? Number(position) : null }];
}

function say(root: HTMLElement, words: string): void {
    const place = root.querySelector<HTMLElement>("#help-trouble");
    if (place) {
        place.textContent = words;
        place.hidden = words === "";
    }
}
