import { endAfter, length, todayIn, tooSoon } from "../../days";

/** Keeps the two days in order, and says at once how long the course is and whether it can still be asked for. */
export function watchDays(form: HTMLFormElement): void {
    const start = form.querySelector<HTMLInputElement>("#start");
    const end = form.querySelector<HTMLInputElement>("#end");
    const zone = form.querySelector<HTMLInputElement>("#timezone");
    const note = form.querySelector<HTMLElement>("#days-note");
    if (!start || !end || !note || start.readOnly) {
        return;
    }
    const { noticeDays, contact } = note.dataset;
    const first = start.value;
    let before = start.value;

    function say(): void {
        if (!start || !end || !note) {
            return;
        }
        end.min = start.value;
        const today = todayIn(zone?.value ?? "");
        const late =
            noticeDays && start.value !== (start.dataset.stored ?? "")
                ? tooSoon(start.value, today, Number(noticeDays))
                : "";
        const parts: (string | Node)[] = [];
        if (noticeDays) {
            start.min = [today, first].filter(Boolean).sort()[0] ?? today;
        }
        if (late) {
            const icon = document.createElement("span");
            icon.className = "fas fa-exclamation-circle";
            icon.ariaHidden = "true";
            parts.push(icon, ` ${late}`);
            if (contact) {
                const link = document.createElement("a");
                link.href = `mailto:${contact}?subject=${encodeURIComponent("A training at short notice")}`;
                link.textContent = contact;
                parts.push(" If yours cannot wait, write to ", link, ".");
            } else {
                parts.push(" If yours cannot wait, please write to the administrators.");
            }
        } else {
            parts.push(length(start.value, end.value));
        }
        note.classList.toggle("tiaas-bad", late !== "");
        note.replaceChildren(...parts);
    }

    start.addEventListener("change", () => {
        end.value = endAfter(start.value, end.value, before);
        before = start.value || before;
        say();
    });
    end.addEventListener("change", say);
    zone?.addEventListener("change", say);
    say();
}
