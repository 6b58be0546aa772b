/** Shows the buttons that copy a text (`data-copy`) where the browser can; they say when it is done. */
export function offerCopying(root: ParentNode): void {
    for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
        const label = button.textContent;
        button.hidden = !("clipboard" in navigator);
        button.addEventListener("click", () => {
            void navigator.clipboard.writeText(button.dataset.copy ?? "").then(() => {
                button.textContent = "Copied";
                setTimeout(() => (button.textContent = label), 2000);
            });
        });
    }
}
