import TomSelect from "tom-select/base";
import removeButton from "tom-select/dist/esm/plugins/remove_button/plugin.js";

import { exactly, plain, wanted } from "../../countryNames";

TomSelect.define("remove_button", removeButton);

/** Names in the reader's own language, where the browser has them. */
function localName(code: string): string {
    try {
        return new Intl.DisplayNames(navigator.languages as string[], { type: "region" }).of(code) ?? "";
    } catch {
        return "";
    }
}

/** The cross in a chip; by keyboard, Backspace does the same. */
function removeSign(): HTMLElement {
    const sign = document.createElement("span");
    sign.className = "remove";
    sign.role = "button";
    sign.tabIndex = -1;
    sign.title = sign.ariaLabel = "Remove";
    sign.textContent = "×";
    return sign;
}

/** Makes the list of countries searchable by name and code; chosen ones become chips. */
export function chooseCountries(form: HTMLFormElement): void {
    const select = form.querySelector<HTMLSelectElement>("#location");
    if (!select) {
        return;
    }
    for (const option of select.options) {
        const names = [option.text, ...(option.dataset.names ?? "").split(" | "), localName(option.value)].map(plain);
        option.dataset.names = names.join(" | ");
    }
    const chooser = new TomSelect(select, {
        plugins: { remove_button: { html: removeSign } },
        searchField: ["text", "value", "alpha3", "names"],
        // Whoever types a code or a whole name means it, though it may be in the names of others.
        score(this: TomSelect, search: string) {
            const usual = this.getScoreFunction(wanted(search));
            const code = search.trim().toUpperCase();
            return (option: Record<string, unknown>) =>
                option.value === code || option.alpha3 === code || exactly(search, String(option.names))
                    ? Infinity
                    : usual(option);
        },
        sortField: [{ field: "text" }],
        refreshThrottle: 0,
        maxOptions: null,
        hideSelected: true,
        closeAfterSelect: true,
        // A window that comes back to the front focuses the text box again, and the list would cover the next field.
        openOnFocus: false,
        selectOnTab: true,
        placeholder: "Type a name or code",
        render: {
            no_results: () =>
                '<div class="no-results" role="option" aria-disabled="true">No country of that name.</div>',
        },
    });
    chooser.on("item_add", () => {
        chooser.setTextboxValue("");
        chooser.refreshOptions(false);
    });
    // The text box stands for the list, which is there for the form only.
    select.ariaHidden = "true";
    select.ariaLabel = "Countries";
    const input = chooser.control_input;
    chooser.control.addEventListener("click", () => {
        setTimeout(() => {
            if (chooser.isFocused) {
                chooser.refreshOptions(true);
            }
        });
    });
    // Tab chooses what was typed; without that it only moves on.
    chooser.wrapper.addEventListener(
        "keydown",
        (event) => {
            if (event.key === "Tab" && input.value === "") {
                chooser.close();
            }
        },
        { capture: true },
    );
    // Enter chooses; it never sends the form before a country that was typed is in it.
    input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") {
            event.preventDefault();
        }
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
        const value = select.getAttribute(name);
        if (value) {
            input.setAttribute(name, value);
        }
    }
    // The summary of errors leads here.
    addEventListener("hashchange", () => {
        if (location.hash === "#location") {
            chooser.focus();
        }
    });
}
