/** The mailbox page: a list of messages and the one that is open. The script fills both. */
export const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mailbox</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/mailbox.css">
<script type="module" src="/mailbox.js"></script>
</head>
<body>
<header class="bar">
  <h1>Mailbox</h1>
  <p id="count" class="quiet" role="status"></p>
  <label class="search"><span class="hidden">Search</span>
    <input id="search" type="search" placeholder="Search, or to:ada@…" autocomplete="off" spellcheck="false">
  </label>
  <button id="clear" type="button" class="plain">Delete all</button>
</header>
<main>
  <nav id="list" class="list" aria-label="Messages"></nav>
  <section id="message" class="message" aria-label="Message" tabindex="-1"></section>
</main>
<noscript><p class="empty">This page needs JavaScript. The messages are also at <a href="/api/v1/messages">/api/v1/messages</a>.</p></noscript>
</body>
</html>
`;
