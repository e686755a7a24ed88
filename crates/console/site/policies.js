// The builder and the text, each following the other. Without it, every button posts the form.
"use strict";
