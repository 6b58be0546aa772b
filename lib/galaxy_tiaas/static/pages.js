// Small comforts; every page works without them.

if (window.top !== window) {
    document.documentElement.classList.add("tiaas-framed"); // where the browser does not tell the server
}

const STYLES = {
    medium: { dateStyle: "medium", timeStyle: "short" },
    day: { dateStyle: "medium" },
    today: { timeStyle: "short" },
    short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};

// The reader's local time in every <time> element, which shows UTC otherwise.
function showLocalTimes(root) {
    for (const element of root.querySelectorAll("time[datetime]")) {
        const moment = new Date(element.dateTime);
        const isToday = moment.toDateString() === new Date().toDateString();
        const style = element.dataset.style === "short" && isToday ? "today" : element.dataset.style;
        element.title = `${element.dateTime.replace("T", " ").replace("Z", "")} UTC`;
        element.textContent = moment.toLocaleString([], STYLES[style]);
    }
}

// One box that ticks all others; without this script there is none.
for (const box of document.querySelectorAll("[data-choose-all]")) {
    box.hidden = false;
    box.addEventListener("change", () => {
        for (const other of document.getElementsByName(box.dataset.chooseAll)) {
            other.checked = box.checked;
        }
    });
}

// Puts fresh content into the page; what the reader has opened, focused or selected stays.
async function refresh(main) {
    if (document.hidden || !getSelection().isCollapsed) {
        return;
    }
    const stale = document.getElementById("tiaas-stale");
    try {
        const response = await fetch(location.href);
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const fresh = page.querySelector("main");
        if (!response.ok || !fresh) {
            throw new Error(response.statusText);
        }
        for (const { id, open } of main.querySelectorAll("details[id]")) {
            fresh.querySelector(`#${id}`)?.toggleAttribute("open", open);
        }
        const focused = main.contains(document.activeElement) && document.activeElement.id;
        showLocalTimes(fresh);
        main.replaceChildren(...fresh.childNodes);
        if (focused) {
            document.getElementById(focused)?.focus({ preventScroll: true });
        }
    } catch {
        stale?.removeAttribute("hidden");
    }
}

showLocalTimes(document);
const main = document.querySelector("main");
const seconds = Number(main?.dataset.refresh);
if (seconds) {
    setInterval(() => refresh(main), 1000 * seconds);
}
