// What happened to all trainings: nothing to run, only how it looks.
import "./history.css";
