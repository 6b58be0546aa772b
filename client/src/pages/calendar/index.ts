// The calendar: takes the place of the month that the server has written.
import "./calendar.css";

import { Calendar, type CalendarOptions, createPlugin, sliceEvents } from "@fullcalendar/core";
import englishOfBritain from "@fullcalendar/core/locales/en-gb";
import dayGrid from "@fullcalendar/daygrid";

import {
    FIRST_YEAR,
    LAST_YEAR,
    readAddress,
    toEvent,
    toQuery,
    type Training,
    type View,
    writeAddress,
} from "../../calendarEvents";
import { showCopyButtons } from "../../copyButtons";

const VIEWS: Record<View, string> = { month: "dayGridMonth", list: "trainings" };
/** Phones begin with the list. The window is not asked: a frame may still be growing to its size. */
const NARROW_SCREEN = 480;

/** Says what FullCalendar says by pictures and titles only, so that screen readers know it, too. */
function nameButtons(element: HTMLElement): void {
    for (const button of element.querySelectorAll<HTMLButtonElement>(".fc-prev-button, .fc-next-button")) {
        button.ariaLabel = button.title;
        button.removeAttribute("aria-pressed");
        button.querySelector("[role=img]")?.removeAttribute("role");
    }
}

interface Known {
    title: string;
    url: string;
    extendedProps: Record<string, unknown>;
}

/** A line of the list, which has room for all that is known. */
function line({ title, url, extendedProps }: Known): HTMLElement {
    const item = document.createElement("li");
    const days = document.createElement("strong");
    days.textContent = String(extendedProps.days);
    item.append(days, " ");
    const what = document.createElement(url ? "a" : "span");
    what.textContent = String(url ? extendedProps.hint : title);
    if (what instanceof HTMLAnchorElement) {
        what.href = url;
    }
    item.append(what);
    return item;
}

/** The trainings of a month one after the other, each once; FullCalendar's own list has each on all of its days. */
const trainings = createPlugin({
    name: "trainings",
    views: {
        trainings: {
            duration: { months: 1 },
            content(props: Parameters<typeof sliceEvents>[0]) {
                const shown = sliceEvents(props, true).map(({ def }) => def);
                const list = document.createElement(shown.length ? "ul" : "p");
                list.className = "tiaas-calendar-list";
                list.append(...(shown.length ? shown.map(line) : ["No training in this month."]));
                return { domNodes: [list] };
            },
        },
    },
});

function options(element: HTMLElement, failure: HTMLElement): CalendarOptions {
    const wanted = readAddress(location.search);
    return {
        plugins: [dayGrid, trainings],
        // The page is in English, and weeks begin on Monday.
        locale: englishOfBritain,
        initialDate: wanted.day,
        initialView: VIEWS[wanted.view ?? (screen.width <= NARROW_SCREEN ? "list" : "month")],
        validRange: { start: `${FIRST_YEAR}-01-01`, end: `${LAST_YEAR + 1}-01-01` },
        height: "auto",
        dayMaxEvents: 3,
        fixedWeekCount: false,
        headerToolbar: { start: "title", center: "", end: "dayGridMonth,trainings prev,today,next" },
        buttonText: { today: "Today", dayGridMonth: "Month", trainings: "List" },
        buttonHints: { prev: "Previous month", next: "Next month", today: "This month" },
        viewHint: "Show as $0",
        moreLinkText: (number) => `+${number} more`,
        moreLinkHint: (number) => `Show ${number} more trainings of this day`,
        displayEventTime: false,
        async events({ startStr, endStr }: { startStr: string; endStr: string }) {
            const response = await fetch(`${element.dataset.events}?${toQuery(startStr, endStr)}`);
            if (!response.ok) {
                throw new Error(response.statusText);
            }
            failure.hidden = true;
            return ((await response.json()) as Training[]).map(toEvent);
        },
        eventSourceFailure() {
            failure.hidden = false;
        },
        dayCellDidMount({ el }) {
            if (el.classList.contains("fc-popover")) {
                el.setAttribute("role", "dialog");
            } else {
                // A cell is named by its date and what else is in it, not by the date alone.
                el.removeAttribute("aria-labelledby");
            }
        },
        moreLinkDidMount({ el }) {
            el.setAttribute("role", "button");
        },
        eventDidMount({ el, event }) {
            el.title = event.extendedProps.hint as string;
        },
        datesSet({ view }) {
            const shown = view.type === VIEWS.list ? "list" : "month";
            history.replaceState(history.state, "", writeAddress(view.currentStart, shown));
            nameButtons(element);
        },
    };
}

const element = document.getElementById("tiaas-calendar");
const failure = document.getElementById("tiaas-calendar-failure");
if (element && failure) {
    element.hidden = false;
    new Calendar(element, options(element, failure)).render();
    document.getElementById("tiaas-month")?.remove();
}
showCopyButtons();
