// All cases in one process, since they share one origin. `node --test` runs a file of `cases/` alone.
import "./cases/serving.mjs";
import "./cases/changes.mjs";
import "./cases/isolation.mjs";
import "./cases/smuggling.mjs";
import "./cases/tenants.mjs";
import "./cases/hammer.mjs";
import "./cases/trouble.mjs";
