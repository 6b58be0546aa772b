// The dashboard: asks for its live part while somebody is looking, and changes what has changed.
import "./status.css";
import "./progress.css";

import { read } from "./answers";
import { showCharts } from "./charts";
import { fitTiles } from "./fit";
import { sendHelpForms } from "./help";
import { Poller } from "./poller";
import { unreachable, upToDate } from "./sentences";
import { prepare, update } from "./update";

function follow(live: HTMLElement): void {
    const { address = "", seconds = "", me = "" } = live.dataset;
    const fresh = document.querySelector("#fresh");
    const trouble = document.querySelector("#trouble");
    const again = document.querySelector<HTMLElement>("#again");
    let etag = live.dataset.etag ?? "";
    let known = new Date();

    function say(freshness: string, problem = ""): void {
        fresh?.replaceChildren(freshness);
        if (trouble?.textContent !== problem) {
            trouble?.replaceChildren(problem);
        }
    }

    function sayUpToDate(): void {
        known = new Date();
        say(upToDate(known));
    }

    /** Long lists are fetched with the rest while one of them is open. */
    function question(): string {
        const wanted = new URL(address, location.href);
        if (live.querySelector("details[data-list][open]")) {
            wanted.searchParams.set("lists", "all");
        }
        return wanted.href;
    }

    async function ask(signal: AbortSignal): Promise<"again" | "done"> {
        const response = await fetch(question(), { signal, cache: "no-store", headers: { "if-none-match": etag } });
        const answer = await read(response);
        if (answer.kind === "closed") {
            say("", answer.sentence);
            again?.toggleAttribute("hidden", !answer.reloadHelps);
            return "done";
        }
        if (answer.kind === "fresh") {
            prepare(answer.content, me);
            update(live, answer.content);
            etag = answer.etag;
            document.dispatchEvent(new CustomEvent("tiaas:updated"));
            fetchList();
        }
        sayUpToDate();
        return "again";
    }

    const poller = new Poller(ask, 1000 * Number(seconds), () => {
        if (!trouble?.textContent) {
            say("", unreachable(known, new Date()));
        }
    });

    function fetchList(): void {
        if (live.querySelector("details[data-list][open]:not(:has(table))")) {
            poller.now();
        }
    }

    let isShown = true;
    const look = () => (isShown && !document.hidden ? poller.wake() : poller.sleep());
    document.addEventListener("visibilitychange", look);
    // A frame that Galaxy does not show, behind another page, is not hidden as a tab is.
    new IntersectionObserver(([entry]) => {
        isShown = window.top === window || (entry?.isIntersecting ?? true);
        look();
    }).observe(document.documentElement);
    live.addEventListener("toggle", fetchList, true);
    window.addEventListener("online", () => poller.now());
    // Whoever has changed something does not wait for the next time.
    document.addEventListener("tiaas:changed", () => poller.now());

    sendHelpForms(live, () => poller.now());
    prepare(live, me);
    sayUpToDate();
    poller.start();
    look();
}

const live = document.getElementById("live");
if (live) {
    follow(live);
    showCharts();
    fitTiles();
}
const fullScreen = document.getElementById("full-screen");
fullScreen?.toggleAttribute("hidden", !document.fullscreenEnabled);
fullScreen?.addEventListener("click", () => {
    void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
});
