/** Stands for the harm in a canary: it must not come back. */
export const SENTINEL = "canary";

/** One for each way in which an element is found: any of them surviving means that the library does not read. */
export const dangerous: readonly string[] = [
  "<script>canary</script>",
  "<SCRIPT\tsrc=x\n>canary</SCRIPT \n>",
  "<script/x>canary</script>",
  "<scr\0ipt>canary</scr\0ipt>",
  "<script><!--<script>canary</script>canary</script>",
  "<style><img title='canary</style>",
  "<iframe srcdoc='canary'></iframe>",
  "<noscript><p title='canary</noscript>",
  "<noembed>canary</noembed>",
  "<noframes>canary</noframes>",
  "<object data='canary'><p>canary</object>",
  "<applet code=canary></applet>",
  "<template><b>canary</b></template>",
  "<svg/onload=canary />",
  "<svg><script>canary</script></svg>",
  "<svg><a title='</svg>canary'></a></svg>",
  "<svg><![CDATA[></svg>canary]]></svg>",
  "<math><mtext><style>canary</style></mtext></math>",
  "<embed src=canary>",
  "<link rel=stylesheet href=canary>",
  "<meta http-equiv=refresh content=canary>",
  "<base href=canary>",
  "<frameset><frame src=canary></frameset>",
  "<style><script>canary</style><script>canary</script>",
  "List<Style> and <script>canary</script>",
];

/** Must come back as it is: a library that takes too much is as broken as one that takes nothing. */
export const harmless: readonly string[] = [
  "a < b && c > d",
  "x<-y; 1<2; <3; <=>; << 5",
  "if (a<0 || b>1) return &amp;amp;",
  "José 😀 مرحبا שלום 日本語 👩‍👩‍👧",
  "line one\n\tline two\r\n",
];

/** Text in front, what it must become behind. */
export const spaced: readonly (readonly [string, string])[] = [
  ["List<String>", "List< String>"],
  ["the <script> tag", "the < script> tag"],
  ["<b onclick=x>bold</b>", "< b onclick=x>bold< /b>"],
  ["<!-- a --><?b ?>", "< !-- a -->< ?b ?>"],
  ["e<script></script>\u0301", "\u00e9"],
  ["<script>1</script><b>", "< b>"],
  ["<<script></script>b>", "< b>"],
  ["\u202eabc\u2066\u0007", "abc"],
];
