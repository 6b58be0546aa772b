// The list of requests: a box that ticks all others, ranges, and a bar that says how many are chosen.
// Without this script, boxes and bar are those of a plain form.
import "./review.css";

import { boxOfAll, counted, range } from "../../selection";

for (const form of document.querySelectorAll<HTMLFormElement>("form.tiaas-review")) {
    chooseWell(form);
}

function chooseWell(form: HTMLFormElement): void {
    const all = form.querySelector<HTMLInputElement>("[data-choose-all]");
    const bar = form.querySelector<HTMLElement>("[data-decide]");
    const count = form.querySelector<HTMLElement>("[data-chosen]");
    const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=identifier]")];
    let last = -1;

    function show(): void {
        const chosen = boxes.filter((box) => box.checked).length;
        if (all) {
            Object.assign(all, boxOfAll(chosen, boxes.length));
        }
        if (count) {
            count.textContent = counted(chosen);
        }
        bar?.classList.toggle("tiaas-sticky", chosen > 0);
    }

    function tick(first: number, end: number, checked: boolean): void {
        for (const box of boxes.slice(first, end)) {
            box.checked = checked;
        }
        show();
    }

    for (const [place, box] of boxes.entries()) {
        box.addEventListener("click", (event) => {
            const [first, end] = range(event.shiftKey && last >= 0 ? last : place, place);
            tick(first, end, box.checked);
            last = place;
        });
    }
    all?.addEventListener("change", () => tick(0, boxes.length, all.checked));
    all?.toggleAttribute("hidden", boxes.length < 2);
    count?.toggleAttribute("hidden", false);
    show();
}
