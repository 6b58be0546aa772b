// The instructor's page of one training: the link goes into the clipboard.
import "./training.css";

import { showCopyButtons } from "../../copyButtons";

showCopyButtons();
