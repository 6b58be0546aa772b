// The list of my trainings has nothing but its look.
import "./mine.css";
