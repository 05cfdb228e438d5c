// All cases in one process, since they share one demo and one browser. `node --test` runs a file of `cases/` alone.
import "./cases/first-paint.mjs";
import "./cases/numbers.mjs";
import "./cases/messages.mjs";
import "./cases/sessions.mjs";
import "./cases/integrity.mjs";
import "./cases/looks.mjs";
import "./cases/access.mjs";
import "./cases/files.mjs";
import "./cases/charts.mjs";
import "./cases/rows.mjs";
import "./cases/gallery.mjs";
import "./cases/pictures.mjs";
import "./cases/hosts.mjs";
import "./cases/renewal.mjs";
import "./cases/paper.mjs";
import "./cases/memory.mjs";
