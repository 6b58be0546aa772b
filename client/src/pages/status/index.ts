// The dashboard: puts fresh content into the page; what the reader has opened, focused or selected stays.
import "./status.css";
import "./progress.css";

import { showLocalTimes } from "../../times";

const SECONDS = 30;

/** What only a script can do, in content that has just come from the server. */
function enhance(content: ParentNode): void {
    showLocalTimes(content);
    content.querySelector("#full-screen")?.toggleAttribute("hidden", !document.fullscreenEnabled);
}

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
        enhance(fresh);
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
    enhance(main);
    setInterval(() => void refresh(main), 1000 * SECONDS);
    document.addEventListener("visibilitychange", () => void refresh(main));
    main.addEventListener("click", ({ target }) => {
        if (target instanceof Element && target.closest("#full-screen")) {
            void (document.fullscreenElement
                ? document.exitFullscreen()
                : document.documentElement.requestFullscreen());
        }
    });
}
