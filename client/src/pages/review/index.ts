// The list of requests: one box that ticks all others. Without this script there is none.

for (const box of document.querySelectorAll<HTMLInputElement>("[data-choose-all]")) {
    box.hidden = false;
    box.addEventListener("change", () => {
        for (const other of document.getElementsByName(box.dataset.chooseAll ?? "")) {
            (other as HTMLInputElement).checked = box.checked;
        }
    });
}
