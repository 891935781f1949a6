import "./widget.css";
import { createWidget } from "./widget";

/** anywidget calls this once for each model. */
export default () => createWidget();
