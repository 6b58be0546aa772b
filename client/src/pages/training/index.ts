// The instructor's page of one training: the link goes into the clipboard.
import "./training.css";

import { copy } from "../../copy";

const SECONDS = 5;

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copies]")) {
    const source = document.getElementById(button.dataset.copies ?? "");
    const answer = document.querySelector<HTMLElement>(".tiaas-copied");
    if (source && answer) {
        button.hidden = false;
        button.addEventListener("click", () => void copyFrom(source, answer));
    }
}

async function copyFrom(source: HTMLElement, answer: HTMLElement): Promise<void> {
    const done = await copy(source.textContent.trim());
    answer.textContent = done ? "✓ Copied. Paste it wherever your class will see it." : "";
    if (done) {
        setTimeout(() => (answer.textContent = ""), 1000 * SECONDS);
    } else {
        getSelection()?.selectAllChildren(source);
        answer.textContent =
            "Your browser does not let a page copy. The link is selected: press Ctrl+C, or ⌘C on a Mac.";
    }
}
