import { copy } from "./copy";

const SECONDS = 5;

/**
 * Shows the buttons that copy what stands elsewhere on the page: `data-copies` is the id of that element.
 * What came of it is said in the element of class `tiaas-copied`.
 */
export function showCopyButtons(): void {
    for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copies]")) {
        const source = document.getElementById(button.dataset.copies ?? "");
        const answer = document.querySelector<HTMLElement>(".tiaas-copied");
        if (source && answer) {
            button.hidden = false;
            button.addEventListener("click", () => void copyFrom(source, answer));
        }
    }
}

async function copyFrom(source: HTMLElement, answer: HTMLElement): Promise<void> {
    const done = await copy(source.textContent.trim());
    answer.textContent = done ? "✓ Copied." : "";
    if (done) {
        setTimeout(() => (answer.textContent = ""), 1000 * SECONDS);
    } else {
        getSelection()?.selectAllChildren(source);
        answer.textContent =
            "Your browser does not let a page copy. The text is selected: press Ctrl+C, or ⌘C on a Mac.";
    }
}
