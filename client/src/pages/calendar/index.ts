import { Calendar } from "@fullcalendar/core";
import dayGrid from "@fullcalendar/daygrid";
import list from "@fullcalendar/list";
new Calendar(document.body, { plugins: [dayGrid, list] }).render();
