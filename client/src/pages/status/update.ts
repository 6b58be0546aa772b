import { Idiomorph } from "idiomorph";

import { showLocalTimes } from "../../times";

/** Marks what is about the reader, whom the server does not know when it makes the live part. */
export function markReader(content: ParentNode, pseudonym: string): void {
    if (!pseudonym) {
        return;
    }
    for (const element of content.querySelectorAll<HTMLElement>(`[data-person="${CSS.escape(pseudonym)}"]`)) {
        element.classList.add("tiaas-mine");
        element.closest(".tiaas-tile")?.classList.add("tiaas-tile-mine");
        const name = element.matches(".tiaas-person") ? element : element.querySelector(".tiaas-person");
        if (name && !name.querySelector(".tiaas-is-you")) {
            const you = document.createElement("strong");
            you.className = "tiaas-is-you";
            you.textContent = "you";
            name.append(you);
        }
    }
}

/** What a script adds to content as the server makes it. */
export function prepare(content: ParentNode, pseudonym: string): void {
    showLocalTimes(content);
    markReader(content, pseudonym);
}

/**
 * Turns one content into another in place, so that what the reader has opened, typed, focused or selected stays, and
 * what is the same does not flicker. What a script has drawn into an element with `data-morph="keep"` is left to that script.
 */
export function update(live: Element, fresh: DocumentFragment): void {
    void Idiomorph.morph(live, [...fresh.childNodes], {
        morphStyle: "innerHTML",
        callbacks: {
            beforeNodeMorphed: (old) => !(old instanceof HTMLElement && old.dataset.morph === "keep"),
            beforeAttributeUpdated: (name, element) => !isReaders(name, element),
        },
    });
}

/** Whether this is what the reader has opened, typed or chosen. */
function isReaders(attribute: string, element: Element): boolean {
    if (attribute === "open") {
        return element instanceof HTMLDetailsElement;
    }
    if (attribute === "value") {
        return element instanceof HTMLInputElement && element.type !== "hidden";
    }
    return attribute === "selected" && element instanceof HTMLOptionElement;
}
