// The dashboard: puts fresh content into the page; what the reader has opened, focused or selected stays.
import { showLocalTimes } from "../../times";

const SECONDS = 30;

async function refresh(main: HTMLElement): Promise<void> {
    if (document.hidden || !(getSelection()?.isCollapsed ?? true)) {
        return;
    }
    try {
        const response = await fetch(location.href);
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const fresh = page.querySelector("main");
        if (!response.ok || !fresh) {
            throw new Error(response.statusText);
        }
        for (const { id, open } of main.querySelectorAll<HTMLDetailsElement>("details[id]")) {
            fresh.querySelector(`#${id}`)?.toggleAttribute("open", open);
        }
        const active = document.activeElement;
        const focused = active && main.contains(active) ? active.id : "";
        showLocalTimes(fresh);
        main.replaceChildren(...fresh.childNodes);
        if (focused) {
            document.getElementById(focused)?.focus({ preventScroll: true });
        }
    } catch {
        document.getElementById("tiaas-stale")?.removeAttribute("hidden");
    }
}

const main = document.querySelector("main");
if (main) {
    setInterval(() => void refresh(main), 1000 * SECONDS);
}
