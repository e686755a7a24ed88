// What pages are more comfortable with. Everything works without it.
"use strict";
