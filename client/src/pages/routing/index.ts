// Where jobs go: times are typed as they are shown, in the reader's time zone.
import { useLocalTime } from "../../moments";
import "./routing.css";

const field = document.querySelector<HTMLInputElement>("#at");
if (field) {
    useLocalTime(field, document.querySelector("#at-help"));
}
