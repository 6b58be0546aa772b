// The page on which instructors set up the dashboard; it needs no script.
import "./setup.css";
