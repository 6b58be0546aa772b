import { addressOf, debounced, type IdentifierCheck } from "../../identifiers";

const PAUSE = 350;

/**
 * Says beside the field whether the identifier is free, shows the link that it makes, and offers others.
 * Until the person has typed one, it is filled in from the title.
 */
export function checkIdentifier(form: HTMLFormElement): void {
    const field = form.querySelector<HTMLInputElement>("#identifier");
    const note = form.querySelector<HTMLElement>("#identifier-note");
    const title = form.querySelector<HTMLInputElement>("#title");
    if (!field?.dataset.check || !note || !title || field.readOnly) {
        return;
    }
    const { check = "", exceptFor = "", origin = "", link = "" } = field.dataset;
    const start = form.querySelector<HTMLInputElement>("#start");
    const offers = document.createElement("div");
    offers.className = "tiaas-offers";
    note.after(offers);
    let own = field.value.trim() !== "";
    let asked = 0;

    async function ask(text: string): Promise<IdentifierCheck | null> {
        const number = ++asked;
        const question = { text, title: title?.value ?? "", start: start?.value ?? "", exceptFor };
        try {
            const response = await fetch(addressOf(check, question), { headers: { accept: "application/json" } });
            const answer = response.ok ? ((await response.json()) as IdentifierCheck) : null;
            return number === asked ? answer : null;
        } catch {
            return null; // The server says it when the form is sent.
        }
    }

    function show(answer: IdentifierCheck): void {
        const icon = document.createElement("span");
        icon.className = `fas ${answer.available ? "fa-check-circle" : "fa-exclamation-circle"}`;
        icon.ariaHidden = "true";
        note?.classList.toggle("tiaas-good", answer.available);
        note?.classList.toggle("tiaas-bad", !answer.available);
        if (answer.available && answer.identifier) {
            const address = document.createElement("code");
            address.textContent = link + answer.identifier;
            note?.replaceChildren(icon, answer.identifier === exceptFor ? " As it is: " : " Free. The link: ", address);
        } else {
            note?.replaceChildren(icon, ` ${answer.message}`);
        }
    }

    function clear(): void {
        asked++;
        note?.classList.remove("tiaas-good", "tiaas-bad");
        note?.replaceChildren();
        offers.replaceChildren();
    }

    function offer(suggestions: string[], lead = "Free:"): void {
        const buttons = suggestions.map((suggestion) => {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "btn btn-sm btn-outline-primary";
            button.textContent = suggestion;
            button.addEventListener("click", () => {
                own = true;
                fill(suggestion);
                field?.focus();
                void look();
            });
            return button;
        });
        offers.replaceChildren(...(buttons.length ? [lead, ...buttons] : []));
    }

    function fill(identifier: string): void {
        if (field) {
            field.value = identifier;
            field.removeAttribute("aria-invalid");
            document.getElementById("identifier-error")?.setAttribute("hidden", "");
        }
    }

    async function look(): Promise<void> {
        const text = field?.value.trim() ?? "";
        if (!text) {
            clear();
            const answer = await ask(origin);
            offer(answer?.suggestions ?? []);
            return;
        }
        const answer = await ask(text);
        if (answer) {
            show(answer);
            offer(answer.suggestions);
        }
    }

    async function propose(): Promise<void> {
        if (own) {
            return;
        }
        const answer = await ask(origin);
        if (!answer || own) {
            return;
        }
        const [first, ...others] = answer.suggestions;
        if (first) {
            fill(first);
            show({ ...answer, identifier: first, available: true });
            offer(others, "Also free:");
        } else {
            fill("");
            clear();
        }
    }

    const lookSoon = debounced(() => void look(), PAUSE);
    const proposeSoon = debounced(() => void propose(), PAUSE);
    field.addEventListener("input", () => {
        own = true;
        asked++;
        lookSoon();
    });
    title.addEventListener("input", proposeSoon);
    start?.addEventListener("change", proposeSoon);
    if (own) {
        void look();
    } else if (title.value.trim() || origin) {
        void propose();
    }
}
